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
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hosts
import pytest
from conftest import SITE, Workshop, absent

from pressrun import build
from pressrun.publishing import targets
from pressrun.publishing.targets import Sent, Target, Undelivered
from pressrun.publishing.targets.stores import Held

PAGES = 12


def feeds(path: str) -> bool:
    return path.startswith("feed/")


def nothing(_path: str) -> bool:
    return False


def write_site(folder: Path, version: int, pages: int = PAGES, *, without: tuple[str, ...] = ()) -> dict[str, bytes]:
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
    for path in without:
        del files[path]
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
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
        f"{{sftp: {{host: 127.0.0.1, port: {server.port}, user: {server.user}, path: {server.home}/site, key: {server.key}, "
        f"known_hosts: {server.known_hosts}, releases: {str(not in_place).lower()}}}}}"
    )
    where = server.home / "site" / ("" if in_place else "current")
    return post(workshop, line, lambda: tree(where), goes_back=not in_place)


def client(address: str) -> Any:
    boto3 = pytest.importorskip("boto3")
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
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_EC2_METADATA_DISABLED": "true"}.items():
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
    assert (done.files, done.bytes, done.release) == (2, len(first["feed/feed.xml"] + first["feed/atom.xml"]), sent.release)

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
        assert not assets_of(office.live()) & {path for path in first_assets(4)}
        assert assets_of(ninth) < assets_of(office.live())
        assert os.stat(releases / "000009/assets/logo.00000000.svg").st_nlink > 1


def first_assets(version: int) -> set[str]:
    style = hashlib.sha256(f"/* style {version} */".encode()).hexdigest()[:8]
    return {f"assets/style.{style}.css"}


# ---- killed


def killed(office: Post, seconds: float) -> int:
    """Publishes in another process, which is killed with all that it started; its end, as `wait` tells it."""
    site = build.read_site(office.workshop.desk)
    child = os.fork()
    if not child:
        os.setsid()
        try:
            with targets.open_target(office.workshop.desk, site, "", office.environment) as target:
                target.release(office.folder, feeds)
                target.complete(office.folder, feeds)
        finally:
            os._exit(0)
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


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
    """Publishes again and again, killed at random instants; how often it died, and how often the old site was live."""
    chance = random.Random(5)
    old = write_site(office.folder, 0, pages)
    office.publish()
    write_site(office.folder, 1, pages)
    start = time.monotonic()
    office.publish()
    length = time.monotonic() - start
    old = write_site(office.folder, 1, pages)
    died = stayed = 0
    for version in range(2, times + 2):
        new = write_site(office.folder, version, pages)
        died += killed(office, chance.uniform(0, length)) == -signal.SIGKILL
        found = own({path: data for path, data in office.live().items() if not path.endswith(".part")})
        agree(office.live())
        if office.goes_back or office.extra:
            pages_of = {path: data for path, data in found.items() if not feeds(path)}
            wholes = [{path: data for path, data in site.items() if not feeds(path)} for site in (old, new)]
            assert pages_of in wholes
            stayed += pages_of == wholes[0]
            for path in ("feed/feed.xml", "feed/atom.xml"):
                assert found[path] in (old[path], new[path])
                assert found[path] == old[path] or pages_of == wholes[1]
        office.publish()
        assert own(office.live()) == new
        old = new
    return died, stayed


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("kind", "times"), [("folder", 30), ("folder-in-place", 15), ("github_pages", 8), ("sftp", 10), ("sftp-in-place", 6)]
)
def test_readers_have_the_old_site_or_the_new_one_when_a_run_is_killed_and_the_next_goes_on(
    workshop: Workshop, kind: str, times: int
) -> None:
    with opened(kind, workshop) as office:
        died, stayed = storm(office, times, 60)
        print(f"{kind}: {died} of {times} killed, {stayed} with the old site")
        assert died >= times // 2
        if office.goes_back:
            assert 0 < stayed
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
            targets.open_target(office.workshop.desk, site, "", office.environment).__enter__()
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
