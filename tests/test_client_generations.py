"""A client meets the bodies of another generation of its API, and loses nothing of them."""

import copy
import importlib
import json
import pickle
from typing import Any

import nekt_client
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nekt_client._runtime.codec import Codec as NektCodec
from runwright.spec import load_spec
from test_client_bodies import Bodies

PAIRS = [
    ("nekt", "Run", "nekt_v2", "Run"),
    ("nekt_v2", "Run", "nekt", "Run"),
    ("nekt", "RunPage", "nekt_v2", "RunPage"),
    ("nekt_v2", "RunPage", "nekt", "RunPage"),
    ("nekt", "SourcePage", "nekt_v2", "SourcePage"),
    ("nekt_v2", "SourcePage", "nekt", "SourcePage"),
    ("pipe0", "PipesResponse", "pipe0_pipeline", "PipelineResponse"),
    ("pipe0_pipeline", "PipelineResponse", "pipe0", "PipesResponse"),
]


@pytest.mark.parametrize(("sender", "sent", "reader", "read"), PAIRS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_another_generation_sends_comes_back(
    sender: str, sent: str, reader: str, read: str, data: Any
) -> None:
    schema = {"$ref": f"#/components/schemas/{sent}"}
    body = Bodies(load_spec(sender), drifted=False).draw(data.draw, schema)
    module = importlib.import_module(f"{reader}_client")
    codec = importlib.import_module(f"{reader}_client._runtime.codec")
    made = codec.Codec(getattr(module.models, read)).decode(json.dumps(body).encode())
    for one in (made, copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert json.loads(module.encode(one)) == body


class TestReferences:
    """The newer Nekt has ids where the older one has objects."""

    BODY = {"id": "s1", "last_run": "r1"}

    def source(self, **members: Any) -> Any:
        return NektCodec[Any](nekt_client.models.Source).decode(json.dumps(members).encode())

    def test_an_id_is_an_object_with_an_id(self) -> None:
        source = self.source(**self.BODY)
        assert source.last_run.id == "r1"
        assert not source.last_run.status
        assert not source.last_run.is_ended
        assert json.loads(nekt_client.encode(source)) == self.BODY

    def test_changes_make_it_an_object(self) -> None:
        source = self.source(**self.BODY)
        source.last_run.status = nekt_client.models.RunStatus.QUEUED
        changed = {"id": "s1", "last_run": {"id": "r1", "status": "queued"}}
        assert json.loads(nekt_client.encode(source)) == changed
        source.last_run = None
        assert json.loads(nekt_client.encode(source)) == {"id": "s1", "last_run": None}

    @pytest.mark.parametrize("value", [True, 1.5, ["r1"], [{"id": "r1"}]])
    def test_nothing_else_is_one(self, value: Any) -> None:
        with pytest.raises(nekt_client.DecodeError, match="/last_run expected an object"):
            self.source(id="s1", last_run=value)
