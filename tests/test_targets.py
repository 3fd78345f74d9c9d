"""Every kind of target against a real peer on this machine: a folder, a git repository, OpenSSH, an S3 server."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import re
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import hosts
import pytest
from conftest import NOW, SITE, Workshop
from invoke.context import Context
from invoke.exceptions import Exit

from pressrun import build
from pressrun.publishing import history, ledger, targets
from pressrun.publishing.targets import Sent, Target, Undelivered
from pressrun.publishing.targets.stores import Held
from pressrun.tasks import publishing, terminal

PAGES = 12


def feeds(path: str) -> bool:
    return path.startswith("feed/")


def nothing(_path: str) -> bool:
    return False


def write_site(folder: Path, version: int, pages: int = PAGES) -> dict[str, bytes]:
    """A live site: pages that name an asset, whose name is its hash; a handout and a picture that never change."""
    style = f"/* style {version} */".encode()
    name = f"assets/style.{hashlib.sha256(style).hexdigest()[:8]}.css"
    files = {
        name: style, "assets/logo.00000000.svg": b"<svg/>", "handout/p0-a4.pdf": b"%PDF" + bytes(100_000),
        "sitemap.xml": f"<urlset>{version}</urlset>".encode(), "feed/feed.xml": f"<rss>{version}</rss>".encode(),
        "feed/atom.xml": f"<feed>{version}</feed>".encode(), ".nojekyll": b"",
        "_redirects": b"# Netlify\n/old/ /p0/ 301!\n/old/ /p0/ 301\n/old /p0/ 301\n",
        "old/index.html": b'<meta http-equiv="refresh" content="0; url=../p0/index.html">',
    }  # fmt: skip
    for number in range(pages):
        files[f"p{number}/index.html"] = f'<link href="/{name}"><p>{number} in {version}</p></html>'.encode()
    files[f"only-{version}/index.html"] = b"</html>"
    for old in [old for old in folder.rglob("*") if old.is_file()]:
        old.unlink()
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return files


@dataclass
class Post:
    """A desk with a target, and the way to look at what lies there without the target's help."""

    workshop: Workshop
    look: Callable[[], dict[str, bytes]]
    environment: dict[str, str]
    #: whether earlier releases are kept
    goes_back: bool = True
    #: whether what has not changed can stay there
    links: bool = True
    #: the file that tells of a site's own address, in a repository
    extra: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return self.workshop.root / "outputs/web"

    def open(self, name: str = "") -> AbstractContextManager[Target]:
        site = build.read_site(self.workshop.desk)
        return targets.open_target(self.workshop.desk, site, name, self.environment)

    def publish(self, held: Held = feeds) -> tuple[Sent, Sent]:
        with self.open() as target:
            return target.release(self.folder, held), target.complete(self.folder, held)

    def live(self) -> dict[str, bytes]:
        return {path: data for path, data in self.look().items() if path not in self.extra}


def post(workshop: Workshop, line: str, look: Callable[[], dict[str, bytes]], **more: Any) -> Post:
    workshop.write("content/site.yaml", f"{SITE}targets: {{live: {line}}}\n")
    return Post(workshop, look, more.pop("environment", {}), **more)


def tree(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.resolve().rglob("*")) if path.is_file())
    named = ((path.relative_to(folder.resolve()).as_posix(), path) for path in found)
    return {name: path.read_bytes() for name, path in named if not name.startswith(".pressrun")}


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def branch(repository: Path) -> dict[str, bytes]:
    """The files of a branch, by git itself."""
    if not git(repository, "branch", "--list", "gh-pages"):
        return {}
    paths = git(repository, "ls-tree", "-r", "--name-only", "gh-pages").splitlines()
    return {path: git(repository, "show", f"gh-pages:{path}").encode() for path in paths}


def bare(where: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--bare", where], check=True)
    return where


@contextmanager
def opened(kind: str, workshop: Workshop) -> Iterator[Post]:
    """A desk with a target of a kind, and its peer."""
    base = workshop.root.parent / f"{workshop.root.name}-peer"
    base.mkdir()
    if kind == "folder":
        yield post(workshop, f"{{folder: {base}/srv}}", lambda: tree(base / "srv/current"))
    elif kind == "folder-in-place":
        yield post(
            workshop, f"{{folder: {{path: {base}/srv, releases: false}}}}", lambda: tree(base / "srv"), goes_back=False
        )
    elif kind == "github_pages":
        repository = bare(base / "site.git")
        yield post(
            workshop, f"{{github_pages: {{repository: {repository}}}}}", lambda: branch(repository), extra=("CNAME",)
        )
    elif kind == "s3":
        with hosts.s3() as address:
            yield bucket(workshop, address)
    else:
        denied = {"sftp": "", "sftp-in-place": "symlink,hardlink,copy-data", "sftp-without-links": "hardlink"}
        denied["sftp-without-copies"] = "hardlink,copy-data"
        with hosts.ssh(base / "ssh", denied[kind]) as server:
            found = over_ssh(workshop, server, in_place=kind == "sftp-in-place")
            found.links = kind != "sftp-without-copies"
            yield found


def over_ssh(workshop: Workshop, server: hosts.Ssh, *, in_place: bool) -> Post:
    line = (
        f"{{sftp: {{host: 127.0.0.1, port: {server.port}, user: {server.user}, path: {server.home}/site, "
        f"key: {server.key}, known_hosts: {server.known_hosts}, releases: {str(not in_place).lower()}}}}}"
    )
    where = server.home / "site" / ("" if in_place else "current")
    return post(workshop, line, lambda: tree(where), goes_back=not in_place)


def client(address: str) -> Any:
    import boto3

    return boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )


def bucket(workshop: Workshop, address: str) -> Post:
    s3 = client(address)
    s3.create_bucket(Bucket="example")

    def look() -> dict[str, bytes]:
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket="example").get("Contents", ())]
        return {
            key.removeprefix("a/"): s3.get_object(Bucket="example", Key=key)["Body"].read()
            for key in keys
            if "/.pressrun" not in key
        }

    line = f"{{s3: {{bucket: example, prefix: a, endpoint: '{address}', region: us-east-1}}}}"
    return post(workshop, line, look, goes_back=False)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nobody; and no agent or setting of whoever runs the tests."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


EASY = ("folder", "folder-in-place", "github_pages")
SERVED = ("sftp", "sftp-in-place", "sftp-without-links", "sftp-without-copies", "s3")
KINDS = [*EASY, *(pytest.param(kind, marks=pytest.mark.heavy) for kind in SERVED)]


@pytest.fixture(params=KINDS)
def office(request: pytest.FixtureRequest, workshop: Workshop) -> Iterator[Post]:
    with opened(request.param, workshop) as found:
        yield found


def assets_of(files: dict[str, bytes]) -> set[str]:
    return {path for path in files if path.startswith("assets/")}


def test_everything_goes_live_but_what_is_held_and_nothing_is_sent_twice(office: Post) -> None:
    first = write_site(office.folder, 1)
    with office.open() as target:
        sent = target.release(office.folder, feeds)
        assert office.live() == {path: data for path, data in first.items() if not feeds(path)}
        assert sent.bytes >= sum(len(data) for path, data in first.items() if not feeds(path))
        assert (sent.files - len(office.extra), sent.removed) == (len(first) - 2, 0)
        done = target.complete(office.folder, feeds)
    assert office.live() == first
    assert (done.files, done.bytes, done.release) == (
        2,
        len(first["feed/feed.xml"] + first["feed/atom.xml"]),
        sent.release,
    )

    for again in office.publish():
        assert again == Sent(0, 0, 0, sent.release)

    second = write_site(office.folder, 2, PAGES - 1)
    with office.open() as target:
        sent = target.release(office.folder, feeds)
        assert {path: data for path, data in office.live().items() if feeds(path)} == {
            path: data for path, data in first.items() if feeds(path)
        }
        target.complete(office.folder, feeds)
    former = assets_of(first) - assets_of(second) if office.extra == () else set()
    assert office.live() == second | {path: first[path] for path in former}
    changed = [path for path, data in second.items() if first.get(path) != data and not feeds(path)]
    if office.links:
        assert (sent.files, sent.bytes) == (len(changed), sum(len(second[path]) for path in changed))
    for again in office.publish():
        assert (again.files, again.bytes, again.removed) == (0, 0, 0)


# ---- going back


def test_one_can_go_back_to_the_release_before_and_then_further(office: Post) -> None:
    sites = []
    for version in (1, 2, 3):
        sites.append(write_site(office.folder, version))
        name = office.publish()[0].release
    if not office.goes_back:
        with office.open() as target, pytest.raises(Undelivered, match="keeps no earlier releases"):
            target.rollback()
        return

    def back() -> dict[str, bytes]:
        with office.open() as target:
            target.rollback()
        return own(office.live())

    assert back() == sites[1]
    fourth = write_site(office.folder, 4)
    assert office.publish()[0].release > name  # a name is not given twice
    assert own(office.live()) == fourth
    assert back() == sites[1]  # not to the third, from which somebody went back
    assert back() == sites[0]
    with office.open() as target, pytest.raises(Undelivered, match="no release before"):
        target.rollback()
    assert own(office.live()) == sites[0]


def own(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without assets that no page of these names."""
    named = {match[1].decode() for data in files.values() for match in re.finditer(rb'href="/(assets/[^"]+)"', data)}
    return {path: data for path, data in files.items() if not path.startswith("assets/style.") or path in named}


def test_five_releases_are_kept_and_none_that_was_replaced_within_ten_minutes(workshop: Workshop) -> None:
    with opened("folder", workshop) as office:
        releases = workshop.root.parent / f"{workshop.root.name}-peer/srv/releases"

        def numbers() -> list[int]:
            return sorted(int(path.name) for path in releases.iterdir() if path.is_dir())

        for version in range(1, 9):
            write_site(office.folder, version)
            office.publish()
        assert numbers() == list(range(1, 9))
        assert len(assets_of(office.live())) == 9

        for number in range(1, 6):  # the fourth was replaced more than ten minutes ago, the fifth was not
            long_ago = time.time() - 700 + number
            os.utime(releases / f"{number:06}.json", (long_ago, long_ago))
        ninth = write_site(office.folder, 9)
        office.publish()
        assert numbers() == [5, 6, 7, 8, 9]
        assert sorted(path.stem for path in releases.glob("*.json")) == [f"{number:06}" for number in numbers()]
        write_site(office.folder, 10)
        office.publish()
        assert not assets_of(office.live()) & first_assets(4)
        assert assets_of(ninth) < assets_of(office.live())
        assert (releases / "000009/assets/logo.00000000.svg").stat().st_nlink > 1


def first_assets(version: int) -> set[str]:
    style = hashlib.sha256(f"/* style {version} */".encode()).hexdigest()[:8]
    return {f"assets/style.{style}.css"}


def test_what_is_not_known_of_the_live_release_is_sent_anew_beside_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened("folder", workshop) as office:
        files = write_site(office.folder, 1)
        office.publish()
        releases = workshop.root.parent / f"{workshop.root.name}-peer/srv/releases"
        for name, damage in (("000001", None), ("000002", b"{}"), ("000003", b"[1]"), ("000004", b"\\xff")):
            path = releases / f"{name}.json"
            path.unlink() if damage is None else path.write_bytes(damage)
            with monkeypatch.context() as patch:
                patch.setattr("shutil.copyfile", full)
                with pytest.raises(Undelivered, match="No space left"):
                    office.publish()
            assert office.live() == files
            sent = office.publish()
            assert (sent[0].files, sent[0].release > name) == (len(files) - 2, True)
            assert office.live() == files


# ---- killed


def killed(office: Post, seconds: float) -> bool:
    """Publishes in another process, killed with all that it started, so long after it began; whether it was."""
    site = build.read_site(office.workshop.desk)
    back, forth = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        try:
            with targets.open_target(office.workshop.desk, site, "", office.environment) as target:
                os.write(forth, b"!")
                target.release(office.folder, feeds)
                target.complete(office.folder, feeds)
        finally:
            os._exit(0)
    assert os.read(back, 1) == b"!"
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.close(back)
    os.close(forth)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def agree(files: dict[str, bytes]) -> None:
    """Whatever is live: each page has its asset, and each file is whole."""
    for path, data in files.items():
        if re.fullmatch(r"p\d+/index.html", path):
            asset = re.search(rb'href="/assets/style.(\w+).css"', data)
            assert asset, path
            found = files[f"assets/style.{asset[1].decode()}.css"]
            assert hashlib.sha256(found).hexdigest()[:8] == asset[1].decode()
            assert data.endswith(b"</html>")


def storm(office: Post, times: int, pages: int) -> tuple[int, int]:
    """Publishes until so many runs died at random instants; how many runs that took, and after how many deaths the old
    site was live.
    """
    chance = random.Random(5)
    old = write_site(office.folder, 0, pages)
    office.publish()
    length, runs, died, stayed = 1.2, 0, 0, 0
    while died < times:
        runs += 1
        new = write_site(office.folder, runs, pages)
        if not killed(office, chance.uniform(0, length)):
            length *= 0.85  # it was done before
        else:
            died += 1
            stayed += untorn(office, old, new)
        old = write_site(office.folder, 1000 + runs, pages)  # of which the run that died knew nothing
        office.publish()
        assert own(office.live()) == old
    return runs, stayed


def untorn(office: Post, old: dict[str, bytes], new: dict[str, bytes]) -> bool:
    """Whether the old site is live, not the new one; fails for anything between, but on a target without releases."""
    agree(office.live())
    if not office.goes_back:
        return False
    found = own({path: data for path, data in office.live().items() if not path.endswith(".part")})
    whole = [{path: data for path, data in site.items() if not feeds(path)} for site in (old, new)]
    pages = {path: data for path, data in found.items() if not feeds(path)}
    assert pages in whole
    for path in ("feed/feed.xml", "feed/atom.xml"):
        assert found[path] in (old[path], new[path])
        assert found[path] == old[path] or pages == whole[1]
    return pages == whole[0]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("kind", "times"), [("folder", 30), ("folder-in-place", 10), ("github_pages", 5), ("sftp", 6), ("sftp-in-place", 4)]
)
def test_readers_have_the_old_site_or_the_new_one_when_a_run_is_killed_and_the_next_goes_on(
    workshop: Workshop, kind: str, times: int
) -> None:
    with opened(kind, workshop) as office:
        runs, stayed = storm(office, times, 60)
        print(f"{kind}: {times} of {runs} runs killed, {stayed} with the old site live")
        if kind == "folder":
            assert 0 < stayed < times  # some died before the switch, and some behind it
        left = [path for path in office.look() if path.endswith(".part")]
        assert left == []


# ---- two at once


def test_two_of_one_desk_do_not_publish_at_once(office: Post) -> None:
    write_site(office.folder, 1)
    with office.open(), pytest.raises(Undelivered, match="Another run is publishing to 'live'"), office.open():
        pass
    office.publish()


def other_desk(office: Post, root: Path) -> Post:
    """The same site and target on another machine."""
    there = Workshop(root)
    there.write("content/site.yaml", (office.workshop.root / "content/site.yaml").read_bytes())
    return Post(there, office.look, office.environment, office.goes_back, office.links, office.extra)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["folder", "sftp", "s3"])
def test_two_desks_do_not_publish_at_once_and_a_killed_one_holds_up_nobody(
    workshop: Workshop, tmp_path_factory: pytest.TempPathFactory, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pressrun.publishing.targets import folder, lease

    monkeypatch.setattr(folder, "_PATIENCE", 0.1)
    with opened(kind, workshop) as office:
        other = other_desk(office, tmp_path_factory.mktemp("other"))
        write_site(office.folder, 1)
        write_site(other.folder, 1)
        with office.open() as target:
            with pytest.raises(Undelivered, match="Somebody else is publishing"), other.open():
                pass
            target.release(office.folder, feeds)
        other.publish()
        if kind == "folder":
            return
        child = os.fork()
        if not child:  # dies with the lock in its hand
            site = build.read_site(office.workshop.desk)
            held = targets.open_target(office.workshop.desk, site, "", office.environment)
            held.__enter__()
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        with pytest.raises(Undelivered, match="Somebody else is publishing"), other.open():
            pass
        with office.open():
            pass  # its own desk knows that it is dead
        office.publish()
        monkeypatch.setattr(lease, "_SILENT", -1)
        with office.open(), other.open():
            pass  # as after half an hour


# ---- readers


@pytest.mark.heavy
def test_nginx_gives_readers_whole_pages_with_their_own_assets_during_fifty_deployments(workshop: Workshop) -> None:
    with opened("folder", workshop) as office:
        write_site(office.folder, 0)
        office.publish()
        base = workshop.root.parent / f"{workshop.root.name}-peer"
        with hosts.nginx(base / "srv/current", base / "nginx") as port:
            stop, wrong, read = threading.Event(), list[str](), list[int]()
            readers = [threading.Thread(target=visit, args=(port, stop, wrong, read)) for _ in range(3)]
            for reader in readers:
                reader.start()
            start = time.monotonic()
            for version in range(1, 51):
                write_site(office.folder, version)
                office.publish()
            length = time.monotonic() - start
            stop.set()
            for reader in readers:
                reader.join()
    print(f"50 deployments in {length:.1f} s, {sum(read)} pages and assets read, {len(wrong)} wrong")
    assert wrong == []
    assert sum(read) > 500


def visit(port: int, stop: threading.Event, wrong: list[str], read: list[int]) -> None:
    """Reads all pages with their assets, as a browser does, and the feeds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def got(path: str) -> bytes:
        connection.request("GET", path)
        answer = connection.getresponse()
        data = answer.read()
        read.append(1)
        if answer.status != 200:
            wrong.append(f"{path}: {answer.status}")
        return data

    while not stop.is_set():
        for path in (f"/p{number}/" for number in range(PAGES)):
            page = got(path)
            asset = re.search(rb'href="/(assets/style.(\w+).css)".*</html>$', page)
            if not asset or hashlib.sha256(got(f"/{asset[1].decode()}")).hexdigest()[:8] != asset[2].decode():
                wrong.append(f"{path}: {page!r}")
        for path in ("/feed/feed.xml", "/feed/atom.xml", "/handout/p0-a4.pdf"):
            got(path)
    connection.close()


# ---- what is said when a target refuses


def refusal(office: Post) -> str:
    write_site(office.folder, 1)
    with pytest.raises(Undelivered) as refused:
        office.publish()
    said = str(refused.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


def full(*_paths: Path) -> None:
    raise OSError(28, "No space left on device", "there/p0/index.html")


def test_a_folder_that_cannot_be_written_is_named(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.write("srv", "a file")
    assert "srv could not be brought up to date: File exists" in refusal(post(workshop, "{folder: srv}", dict))

    found = post(workshop, "{folder: there}", lambda: tree(workshop.root / "there/current"))
    write_site(found.folder, 1)
    found.publish()
    before = found.live()
    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfile", full)
        write_site(found.folder, 2)
        with pytest.raises(
            Undelivered, match=r"No space left on device .there/p0/index.html.. Every file there is whole"
        ):
            found.publish()
    assert found.live() == before
    found.publish()
    assert own(found.live()) == write_site(found.folder, 2)


def test_what_git_refuses_is_said_with_a_remedy(workshop: Workshop, tmp_path: Path) -> None:
    def said(repository: str) -> str:
        return refusal(post(workshop, f"{{github_pages: {{repository: '{repository}'}}}}", dict, environment=secret))

    secret = {"PRESSRUN_LIVE_PASSWORD": "hush-hush"}
    assert "cannot be found. Check 'repository' in site.yaml" in said(f"{tmp_path}/nowhere")
    away = said("https://somebody@127.0.0.1:1/site.git")
    assert away.startswith("The branch 'gh-pages' of https://127.0.0.1:1/site.git did not take the site")
    assert "hush" not in away
    protected = bare(tmp_path / "protected.git")
    hook = protected / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed'\nexit 1\n")
    hook.chmod(0o755)
    assert "is protected and takes no push from here. Allow it" in said(str(protected))


def test_a_push_of_somebody_else_in_between_is_not_lost(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    from pressrun.publishing.targets.github_pages import Branch

    with opened("github_pages", workshop) as office:
        write_site(office.folder, 1)
        office.publish()
        repository = workshop.root.parent / f"{workshop.root.name}-peer/site.git"
        head = Branch._head

        def overtaken(self: Branch, depth: int = 1) -> Any:
            found = head(self, depth)
            above = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
            theirs = git(repository, *above, "commit-tree", "-m", "Theirs", "-p", "gh-pages", "gh-pages^{tree}").strip()
            git(repository, "update-ref", "refs/heads/gh-pages", theirs)
            return found

        write_site(office.folder, 2)
        with monkeypatch.context() as patch:
            patch.setattr(Branch, "_head", overtaken)
            with pytest.raises(Undelivered, match=r"was changed by somebody else meanwhile. Publish again."):
                office.publish()
        office.publish()
        assert office.live() == write_site(office.folder, 2)
        assert "Theirs" in git(repository, "log", "--format=%s", "gh-pages")


@pytest.mark.parametrize(
    ("base_url", "named"), [("https://www.example.org", True), ("https://x.github.io/site", False)]
)
def test_a_site_with_an_address_of_its_own_tells_github(workshop: Workshop, base_url: str, named: bool) -> None:
    with opened("github_pages", workshop) as office:
        site = workshop.root / "content/site.yaml"
        site.write_text(site.read_text().replace("https://www.example.org", base_url))
        write_site(office.folder, 1)
        office.publish()
        assert office.look().get("CNAME") == (b"www.example.org\n" if named else None)


@pytest.mark.heavy
def test_what_a_server_refuses_is_said_with_a_remedy(workshop: Workshop, tmp_path: Path) -> None:
    with hosts.ssh(tmp_path / "ssh") as server:
        stranger = replace(server, key=server.key.with_name("stranger"))
        assert "lets nobody in with the keys and the password that were offered" in refused(workshop, stranger)
        unknown = tmp_path / "empty"
        unknown.write_text("")
        assert "has a key that is not known here, so nothing was sent" in refused(
            workshop, replace(server, known_hosts=unknown)
        )
        blocked = server.home / "site"
        blocked.write_text("a file")
        assert "could not write" in refused(workshop, server)
        key = tmp_path / "no-key"
        assert "cannot be reached" in refused(workshop, replace(server, key=key))
    assert "cannot be reached" in refused(workshop, server)
    with hosts.ssh(tmp_path / "read", "write") as server:
        assert "does not let this user write there" in refused(workshop, server)
    with hosts.ssh(tmp_path / "plain", "symlink") as server:
        assert "takes no symbolic links. Write 'releases: false'" in refused(workshop, server)
    with hosts.ssh(tmp_path / "old", "posix-rename") as server:
        assert "posix-rename" in refused(workshop, server)


def refused(workshop: Workshop, server: hosts.Ssh) -> str:
    office = over_ssh(workshop, server, in_place=False)
    office.environment = {"PRESSRUN_LIVE_PASSWORD": "hush-hush"}
    said = refusal(office)
    assert "hush" not in said
    return said


@pytest.mark.heavy
def test_a_bucket_says_of_each_file_what_it_is_and_leads_on_from_earlier_addresses(workshop: Workshop) -> None:
    with hosts.s3() as address:
        office, s3 = bucket(workshop, address), client(address)
        files = write_site(office.folder, 1)
        (asset,) = assets_of(files) - {"assets/logo.00000000.svg"}
        office.publish()

        def said(path: str) -> tuple[str, str]:
            head = s3.head_object(Bucket="example", Key=f"a/{path}")
            return head["ContentType"], head["CacheControl"]

        brief, long = "public, max-age=300", "public, max-age=31536000, immutable"
        assert said("p0/index.html") == ("text/html; charset=utf-8", brief)
        assert said(asset) == ("text/css; charset=utf-8", long)
        assert said("assets/logo.00000000.svg") == ("image/svg+xml; charset=utf-8", long)
        assert said("feed/feed.xml") == ("application/rss+xml; charset=utf-8", brief)
        assert said("feed/atom.xml") == ("application/atom+xml; charset=utf-8", brief)
        assert said("handout/p0-a4.pdf") == ("application/pdf", brief)
        assert s3.head_object(Bucket="example", Key="a/old/index.html")["WebsiteRedirectLocation"] == "/p0/"
        # another address to lead on to is news, though the page is the same
        redirects = office.folder / "_redirects"
        redirects.write_text(redirects.read_text().replace("/p0/", "/p1/"))
        assert office.publish()[0].files == 2
        assert s3.head_object(Bucket="example", Key="a/old/index.html")["WebsiteRedirectLocation"] == "/p1/"


@pytest.mark.heavy
def test_what_a_bucket_refuses_is_said_with_a_remedy(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    with hosts.s3() as address:
        office = bucket(workshop, address)
        site = workshop.root / "content/site.yaml"
        site.write_text(site.read_text().replace("bucket: example", "bucket: another"))
        assert "s3://another does not exist. Create the bucket" in refusal(office)
        site.write_text(site.read_text().replace("bucket: another", "bucket: example"))
        order = urllib.request.Request(f"{address}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
        with urllib.request.urlopen(order):
            pass  # from here on, it asks who one is
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
        said = refusal(office)
        assert "does not know these keys (InvalidAccessKeyId)" in said
        assert "hush" not in said
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        assert "cannot be reached (NoCredentialsError)" in refusal(office)
    assert "cannot be reached" in refusal(office)


# ---- which target


def test_a_target_is_named_and_the_first_is_the_usual_one(workshop: Workshop) -> None:
    desk = workshop.desk
    with pytest.raises(ValueError, match=r"site.yaml names no target. Write, for example: targets:"):
        targets.chosen(build.read_site(desk))
    office = post(workshop, "{folder: one}, trial: {folder: two}", lambda: tree(workshop.root / "one/current"))
    site = build.read_site(desk)
    assert (targets.chosen(site), targets.chosen(site, "trial")) == ("live", "trial")
    with pytest.raises(ValueError, match=r"no target 'other'. Known are: live, trial."):
        targets.chosen(site, "other")
    files = write_site(office.folder, 1)
    with office.open("trial") as target:
        target.release(office.folder, nothing)
        assert target.read("p0/index.html") == files["p0/index.html"]
        assert target.read("no/such/index.html") is None
    assert tree(workshop.root / "two/current") == files
    assert office.live() == {}


@pytest.mark.heavy
def test_what_readers_get_is_asked_of_the_live_address(workshop: Workshop, tmp_path: Path) -> None:
    write_site(tmp_path / "srv", 1)
    with hosts.nginx(tmp_path / "srv", tmp_path / "nginx") as port:
        workshop.write("content/site.yaml", SITE.replace("https://www.example.org", f"http://127.0.0.1:{port}"))
        site = build.read_site(workshop.desk)
        assert targets.fetch(site, "feed/feed.xml") == b"<rss>1</rss>"
        assert targets.fetch(site, "p0/") == (tmp_path / "srv/p0/index.html").read_bytes()
        assert targets.fetch(site, "nowhere/") is None
        with pytest.raises(Undelivered, match=r"/handout/ answers 403."):
            targets.fetch(site, "handout/")
    with pytest.raises(Undelivered, match=r"p0/ does not answer: .*refused"):
        targets.fetch(site, "p0/")


def test_rollback_is_a_task(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    office = post(workshop, "{folder: srv}", lambda: tree(workshop.root / "srv/current"))
    first = write_site(office.folder, 1)
    office.publish()
    write_site(office.folder, 2)
    office.publish()
    terminal.stand(workshop.root)
    publishing.rollback(Context(), target="live")
    assert "'live' shows release 000001 again" in capsys.readouterr().out
    (entry,) = ledger.Lines(workshop.desk.content).entries()
    assert (entry.key.audience, entry.event, entry.detail) == ("live", ledger.ROLLED_BACK, {"release": "000001"})
    workshop.article("sleep")
    assert "The whole site was rolled back for 'live', by " in "".join(
        history.told(workshop.desk, NOW, "sleep", ledger.Lines(workshop.desk.content))
    )
    assert own(office.live()) == first
    with pytest.raises(Exit, match="keeps no release before"):
        publishing.rollback(Context())


@pytest.mark.parametrize("path", [".", "outputs/web", "content/live"])
def test_the_site_is_never_put_into_what_it_is_made_of(workshop: Workshop, path: str) -> None:
    at = post(workshop, f"{{folder: {path}}}", dict)
    with pytest.raises(Undelivered, match="is the desk, or lies in its content/ or outputs/"), at.open():
        pass
    assert not (workshop.root / path / ".pressrun.lock").exists()
