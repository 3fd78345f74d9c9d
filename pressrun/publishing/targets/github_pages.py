"""A branch of a git repository, from which GitHub Pages or another host serves the site. It needs git, and no more.

What is live is the branch's last commit; a tree that is the same makes no commit. Commits say which release they are of
and which was live before, so that one can go back without forcing anything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pressrun.publishing.targets.stores import Held, Order, Sent, Target, Undelivered, files_of

_LIVE = "refs/remotes/live"
#: commits that are looked through for the release before
_DEPTH = 100
#: the tree without files, which git knows
_EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_FORMAT = "--format=%H %T %B%x00"
_SAYS = re.compile(r"^Pressrun-(Release|Before): ([0-9]+)$", re.MULTILINE)
_SETTINGS = ("http.lowSpeedLimit=1", "http.lowSpeedTime=60", "gc.autoDetach=false")
#: gives git a token that stands in no list of processes and in no file
_HELPER = """credential.helper=!f() { echo username=x-access-token; echo "password=$PRESSRUN_PASSWORD"; }; f"""


class Commit(NamedTuple):
    name: str
    tree: str
    release: int
    before: int


@contextmanager
def opened(order: Order) -> Iterator[Target]:
    """Raises Undelivered."""
    if not shutil.which("git"):
        raise Undelivered("git is not installed on this machine, and this target needs it. Install git.")
    yield Branch(order)


class Branch:
    def __init__(self, order: Order) -> None:
        self.read = order.fetch
        self._url = _address(order.settings["repository"], order.root)
        self._branch = order.settings.get("branch", "gh-pages")
        self._host = order.site.host.partition(":")[0]
        self._folder = order.own.with_suffix(".git")
        self._password = order.password
        settings = [*_SETTINGS, *(["credential.helper=", _HELPER] if order.password else [])]
        self._command = ["git", *(word for setting in settings for word in ("-c", setting))]
        self._environment = {
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", **os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
            "GIT_DIR": str(self._folder), "GIT_INDEX_FILE": str(self._folder / "index"),
            "GIT_AUTHOR_NAME": order.site.name, "GIT_AUTHOR_EMAIL": order.site.email,
            "GIT_COMMITTER_NAME": order.site.name, "GIT_COMMITTER_EMAIL": order.site.email,
            "PRESSRUN_PASSWORD": order.password,
        }  # fmt: skip

    def release(self, folder: Path, held: Held) -> Sent:
        head = self._head()
        return self._bring(folder, held, head, head._replace(release=head.release + 1, before=head.release))

    def complete(self, folder: Path, held: Held) -> Sent:
        head = self._head()
        return self._bring(folder, lambda path: not held(path), head, head)

    def rollback(self) -> str:
        head = self._head(_DEPTH)
        past = map(_commit, self._git("log", _FORMAT, _LIVE).rstrip("\0\n").split("\0\n")) if head.before else ()
        found = next((one for one in past if one.release == head.before), None)
        if not found:
            raise Undelivered(f"{self._branch} of {_clean(self._url)} has no release before the live one.")
        self._push(found._replace(name=head.name, release=head.release + 1), f"Go back to release {found.release}")
        return str(found.release)

    def _bring(self, folder: Path, kept: Held, head: Commit, goal: Commit) -> Sent:
        """Pushes the tree of a folder, but for what is kept as it is live, unless all of it is live already."""
        live, found = self._listed(head.tree), self._found(folder)
        wanted = {path: name for path, name in found.items() if not kept(path)}
        wanted |= {path: name for path, name in live.items() if kept(path)}
        tree = self._tree(wanted)
        if tree == head.tree:
            return Sent(0, 0, 0, str(head.release or ""))
        self._push(goal._replace(tree=tree), f"Release {goal.release}")
        changed = [folder / path for path, name in wanted.items() if live.get(path) != name]
        size = sum(one.stat().st_size for one in changed if one.is_file())
        return Sent(len(changed), size, len(live.keys() - wanted.keys()), str(goal.release))

    def _head(self, depth: int = 1) -> Commit:
        """The branch's last commit, without its files' bytes; one that has none when there is no such branch."""
        if not (self._folder / "HEAD").exists():
            self._git("init", "--quiet", "--bare")
        for lock in self._folder.rglob("*.lock"):  # of a run that was killed: nobody else is here
            lock.unlink()
        self._git("config", "remote.live.url", self._url)
        branch = f"+refs/heads/{self._branch}:{_LIVE}"
        try:
            self._git("fetch", "--quiet", f"--depth={depth}", "--filter=blob:none", "live", branch)
        except _Absent:
            return Commit("", _EMPTY, 0, 0)
        return _commit(self._git("log", "-1", _FORMAT, _LIVE).rstrip("\0\n"))

    def _listed(self, tree: str) -> dict[str, str]:
        """The names of a tree's files, by path."""
        rows = (row.partition("\t") for row in self._git("ls-tree", "-r", "-z", tree).split("\0") if row)
        return {path: entry.split()[2] for entry, _, path in rows}

    def _found(self, folder: Path) -> dict[str, str]:
        """The same of a folder's files, which git gets to know, and of what GitHub Pages needs beside them."""
        paths = files_of(folder)
        listed = "".join(f"{folder / path}\n" for path in paths)
        names = self._git("hash-object", "-w", "--no-filters", "--stdin-paths", told=listed).split()
        found = dict(zip(paths, names, strict=True))
        if not self._host.endswith(("github.io", "gitlab.io")):  # else GitHub forgets the site's own address
            found["CNAME"] = self._git("hash-object", "-w", "--stdin", told=f"{self._host}\n").strip()
        return found

    def _tree(self, names: dict[str, str]) -> str:
        (self._folder / "index").unlink(missing_ok=True)
        listed = "".join(f"100644 {name}\t{path}\0" for path, name in names.items())
        self._git("update-index", "-z", "--index-info", told=listed)
        return self._git("write-tree", "--missing-ok").strip()

    def _push(self, goal: Commit, words: str) -> None:
        """Makes a commit of a tree on top of the one that is named, and sends it."""
        message = f"{words}\n\nPressrun-Release: {goal.release}\nPressrun-Before: {goal.before}\n"
        above = ["-p", goal.name] if goal.name else []
        made = self._git("commit-tree", goal.tree, *above, told=message).strip()
        self._git("push", "--quiet", "--no-thin", "live", f"{made}:refs/heads/{self._branch}")

    def _git(self, *arguments: str, told: str = "") -> str:
        """Raises Undelivered for whatever git refuses."""
        done = subprocess.run(  # noqa: S603  # no shell
            [*self._command, *arguments], input=told, capture_output=True, encoding="utf-8", check=False,
            env=self._environment,
        )  # fmt: skip
        if not done.returncode:
            return done.stdout
        if "couldn't find remote ref" in done.stderr:
            raise _Absent
        problem, remedy = next(said for pattern, *said in _SAID if re.search(pattern, done.stderr, re.IGNORECASE))
        last = (_clean(done.stderr).strip().splitlines() or ["nothing"])[-1]
        said = last.replace(self._password, "...") if self._password else last
        name = f"The branch '{self._branch}' of {_clean(self._url)}"
        raise Undelivered(f"{name} {problem.format(said=said)}. {remedy}")


class _Absent(Exception):
    """There is no such branch yet."""


def _commit(row: str) -> Commit:
    name, tree, words = row.split(" ", 2)
    says = {what: int(number) for what, number in _SAYS.findall(words)}
    return Commit(name, tree, says.get("Release", 0), says.get("Before", 0))


def _address(repository: str, root: Path) -> str:
    """`owner/name` is on GitHub, unless there is a folder of that name."""
    if re.fullmatch(r"[\w.-]+/[\w.-]+", repository) and not (root / repository).exists():
        return f"https://github.com/{repository}.git"
    if "://" in repository or re.match(r"[\w.-]+@[\w.-]+:", repository):
        return repository
    return str(root / Path(repository).expanduser())


def _clean(text: str) -> str:
    """Without what stands before the host of an address."""
    return re.sub(r"//[^/@\s]+@", "//", text)


#: what git prints, with what it means and what to do
_SAID = (
    (r"host key verification failed", "is on a server whose key is not known here",
     "Connect to it once by hand with ssh, compare the key, and publish again."),
    (r"protected branch|GH006|GH013|hook declined", "is protected and takes no push from here",
     "Allow it in the repository's settings, or name another branch in site.yaml."),
    (r"non-fast-forward|fetch first|cannot lock ref|failed to update ref", "was changed by somebody else meanwhile",
     "Publish again."),
    (r"authentication failed|could not read (Username|Password)|permission denied|denied to|error: 40[13]",
     "lets nobody in with what was offered",
     "Set PRESSRUN_<TARGET>_PASSWORD to a token that may write contents, or add your key to the agent."),
    (r"not found|does not appear to be a git repository|does not exist", "cannot be found",
     "Check 'repository' in site.yaml, and whether you may read it."),
    (r"no space left|disk quota|unable to write", "could not be written ({said})", "Make room, and publish again."),
    (r"", "did not take the site ({said})", "Check the network and 'repository' in site.yaml, and publish again."),
)  # fmt: skip
