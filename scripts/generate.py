"""Generate the clients from their specs, or check that they are what the specs make.

python scripts/generate.py            regenerate generated/ from specs/
python scripts/generate.py --check    exit 1 and list the differences if that would change it
python scripts/generate.py --spec my/openapi.yaml --out my/folder
                                      make the client of any spec, as a package in that folder

Exits 2 if a spec cannot be used, or no client made of it.
"""

import argparse
import difflib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from codegen.calls import UnsupportedSpecError
from codegen.project import GenerationError, Names, generate
from runwright.contract import read_contract
from runwright.spec import SpecError, apis, load_spec

ROOT = Path(__file__).resolve().parents[1]
GENERATED = ROOT / "generated"
USAGE = 2
"""The exit code where input or options cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("apis", nargs="*", help="ids of APIs; all that have a spec by default")
    parser.add_argument("--check", action="store_true", help="change nothing, list differences")
    parser.add_argument("--spec", type=Path, metavar="FILE", help="a spec of your own")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where its package goes (default: beside it)"
    )
    options = parser.parse_args(arguments)
    if options.spec and (options.apis or options.check):
        parser.error("--spec makes one client of your own; it goes with neither APIs nor --check")
    if options.out and not options.spec:
        parser.error("--out is for a spec of your own; name it with --spec")
    wanted = options.apis or apis()
    try:
        if options.spec:
            print(_generate_own(options.spec, options.out))
            return 0
        if options.check:
            return _check(wanted)
        for api in wanted:
            names = Names.of(api)
            generate(load_spec(api), GENERATED / names.package, names)
            print(f"generated/{names.package}")
    except (GenerationError, SpecError, UnsupportedSpecError) as error:
        print(error, file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"{error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
        return USAGE
    return 0


def _generate_own(spec: Path, out: Path | None) -> Path:
    """Make the client of a spec of the user's, beside it by default; return its package's folder.

    Raises:
        SpecError: the spec has faults; each is told with file, line and remedy.
        GenerationError: something else is in the package's place, or no client can be made.
    """
    folder = out or (spec if spec.is_dir() else spec.parent)
    found = read_contract(spec).spec
    names = Names.of(found.api)
    package = folder / names.package
    if package.resolve().is_relative_to(GENERATED):
        raise GenerationError(f"{folder}: generated/ is for the project's own; name another folder")
    if package.exists() and not (package / "_runtime").is_dir():
        raise GenerationError(f"{package} is there already, and no client; remove or rename it")
    folder.mkdir(parents=True, exist_ok=True)
    # A client that was made before stays until this one is whole.
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        generate(found, Path(workshop) / names.package, names)
        if package.exists():
            shutil.rmtree(package)
        shutil.move(Path(workshop) / names.package, package)
    return package


def _check(wanted: Sequence[str]) -> int:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for api in wanted:
            names = Names.of(api)
            generate(load_spec(api), Path(folder) / names.package, names)
            found += list(differences(GENERATED / names.package, Path(folder) / names.package))
    for difference in found:
        print(difference)
    if found:
        print(f"{len(found)} differ from what the specs make; `make generate` renews them.")
    return 1 if found else 0


def differences(committed: Path, made: Path) -> Iterator[str]:
    """Describe each file that differs between two packages, with the first lines that do."""
    names = sorted(_files(committed) | _files(made))
    for name in names:
        label = f"generated/{committed.name}/{name}"
        if not (committed / name).exists():
            yield f"missing: {label}"
        elif not (made / name).exists():
            yield f"superfluous: {label}"
        else:
            before = (committed / name).read_text(encoding="utf-8").splitlines()
            after = (made / name).read_text(encoding="utf-8").splitlines()
            if before != after:
                lines = difflib.unified_diff(before, after, "committed", "made", lineterm="", n=0)
                shown = "\n".join(f"    {line}" for line in list(lines)[2:10])
                yield f"changed: {label}\n{shown}"


def _files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


if __name__ == "__main__":
    sys.exit(main())
