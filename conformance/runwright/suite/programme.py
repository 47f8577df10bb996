"""All that a session is going to do, decided before anything is sent."""

from attrs import evolve, frozen

from runwright.spec import Spec
from runwright.suite.draft import Draft
from runwright.suite.fuzz import fuzz_drafts
from runwright.suite.keyring import Keyring
from runwright.suite.plan import Plan, draw_plans
from runwright.suite.profile import Profile
from runwright.suite.scripted import scripted_drafts


@frozen(kw_only=True)
class Programme:
    """All that a session is going to do, decided before anything is sent."""

    plans: tuple[Plan, ...]
    drafts: tuple[Draft, ...]


def draw_programme(
    spec: Spec,
    keyring: Keyring,
    *,
    seed: int,
    profile: Profile,
    careful: bool = True,
    observe_only: bool = False,
) -> Programme:
    """Decide all that a session will do; the same arguments give the same programme."""
    drafts = (
        *scripted_drafts(spec, keyring, seed=seed, bodies=profile.bodies, careful=careful),
        *fuzz_drafts(spec, seed=seed, examples=profile.fuzz, careful=careful),
    )
    drafts = tuple(evolve(draft, number=number) for number, draft in enumerate(drafts))
    if observe_only:
        # A wrong method is not safe for sure: who ignores it does what the right one does.
        return Programme(
            plans=(), drafts=tuple(d for d in drafts if d.operation.is_safe and not d.method)
        )
    others = profile.others if keyring.other is not None else 0
    plans = draw_plans(spec, profile.plans, others=others, spread=profile.spread, seed=seed)
    return Programme(plans=plans, drafts=drafts)
