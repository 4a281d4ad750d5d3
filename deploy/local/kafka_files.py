"""Apache Kafka's jars: fetched once from Maven Central, each checked against a pinned SHA-256, and kept in a cache folder.

`python -m deploy.local.kafka_files` fetches them ahead of the first `khop up`. To take another version: change COORDINATES,
run `python -m deploy.local.kafka_files --pin`, read the difference, run the tests.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from deploy.local.errors import LocalStackError
from deploy.local.messages import progress, say
from deploy.local.state import writing

VERSION = "4.1.2"
COORDINATES = (
    ("org.apache.kafka", "kafka_2.13", VERSION),
    ("org.slf4j", "slf4j-simple", "1.7.36"),  # without a binding Kafka logs nothing
)
PINS = Path(__file__).with_name("kafka-jars.sha256")  # lines of `sha256sum`, paths as in a Maven repository
MAVEN_ADDRESSES_S = 20
DOWNLOADS_AT_ONCE = 6
CHOSEN_BY = "KHOP_CACHE"
WAY_OUT = "connect this machine to the internet once, or set KHOP_KAFKA_BOOTSTRAP to a Kafka that runs elsewhere"


def cache_folder() -> Path:
    """Where the files of this version are kept: ~/.cache/khop, or KHOP_CACHE."""
    return Path(os.environ.get("KHOP_CACHE") or Path.home() / ".cache" / "khop").absolute() / f"kafka-{VERSION}"


@contextmanager
def made_by_one(thing: str) -> Iterator[None]:
    """Let one process at a time make a thing in the cache; the others wait and find it made."""
    cache = cache_folder()
    with writing(cache, CHOSEN_BY):
        cache.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(cache / f"{thing}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def kafka_jars() -> list[Path]:
    """The jars of Kafka's class path, fetched and verified where they are not yet. Needs neither Maven nor Java.

    Raises:
        LocalStackError: Maven Central cannot be reached, a checksum differs, or the cache cannot be written.
    """
    cache = cache_folder()
    pins = _pins()
    with made_by_one("jars"):
        # Looked at anew each time: it takes a tenth of a second, and a damaged jar would end as a riddle of Java's.
        if not all(_is_sound(cache / path, digest) for path, digest in pins.items()):
            progress(f"fetching Apache Kafka {VERSION} (45 MB, once) into {cache}")
            _fetch(cache, pins)
    return [cache / path for path in pins]


def _pins() -> dict[str, str]:
    """The pinned SHA-256 by path."""
    lines = (line.split() for line in PINS.read_text(encoding="ascii").splitlines())
    return {path: digest for digest, path in lines}


def _fetch(cache: Path, pins: dict[str, str]) -> None:
    from jgo.maven import MavenContext  # noqa: PLC0415 - a quarter of a second, needed once on a machine

    context = MavenContext(repo_cache=cache, timeout=MAVEN_ADDRESSES_S)

    def fetch(path: str) -> None:
        jar = cache / path
        if jar.exists() and not _is_sound(jar, pins[path]):
            jar.unlink()  # cut short by a kill or a full disk
        group, artifact, version = PurePosixPath(path).parts[:-3], *PurePosixPath(path).parts[-3:-1]
        context.project(".".join(group), artifact).at_version(version).artifact().resolve()
        if not _is_sound(jar, pins[path]):
            jar.unlink(missing_ok=True)
            raise LocalStackError(
                f"{jar.name} from Maven Central is not the file that this version of Khớp was tested with; {WAY_OUT}"
            )

    with writing(cache, CHOSEN_BY):
        try:
            with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
                for _ in pool.map(fetch, pins):
                    pass
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors without a number; jgo raises RuntimeError
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise LocalStackError(
                f"cannot fetch Apache Kafka from Maven Central ({type(error).__name__}); {WAY_OUT}"
            ) from error


def _is_sound(jar: Path, digest: str) -> bool:
    return jar.exists() and _sha256(jar) == digest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pin() -> None:
    """Resolve the coordinates anew and write what they stand for into the pins."""
    from jgo.maven import Dependency, MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=cache_folder(), timeout=MAVEN_ADDRESSES_S)
    wanted = [
        Dependency(context.project(*coordinate[:2]).at_version(coordinate[2]).artifact()) for coordinate in COORDINATES
    ]
    inputs, transitive = context.resolver.resolve(wanted)
    runtime = [*inputs, *(dependency for dependency in transitive if dependency.scope in ("compile", "runtime"))]
    jars = sorted(dependency.artifact.resolve().relative_to(context.repo_cache) for dependency in runtime)
    lines = (f"{_sha256(context.repo_cache / jar)}  {jar.as_posix()}\n" for jar in jars)
    PINS.write_text("".join(lines), encoding="ascii")


def main(arguments: Sequence[str]) -> None:
    """Fetch, or pin anew; what cannot be done is one line."""
    try:
        if "--pin" in arguments:
            _pin()
        kafka_jars()
    except LocalStackError as error:
        say(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
