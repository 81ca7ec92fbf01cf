"""A real OpenSearch node for trial and test: one node on 127.0.0.1, without sign-in, started and stopped here.

It is put together from Maven's repository (`jars`) and run by a JDK that is found on the machine (`java`). It ends
when this process ends, however that happens. After a kill -9 of the node, `start` begins again on the same folder:
what the node had acknowledged is there. It refuses production, where operators run an OpenSearch of their own;
`ExternalOpenSearch` takes the URL of any.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.servers.answering import who_answers
from rtr_trial.embedded.engines.engine import EmbeddedEngine, Engine
from rtr_trial.embedded.engines.jars import RECIPE, jars_for
from rtr_trial.embedded.engines.java import find_java
from rtr_trial.embedded.processes import (
    LOOPBACK,
    EngineDoesNotStart,
    EngineNotInstalled,
    KeptProcess,
    clean_environment,
    free_port,
    last_lines,
)

HTTP_PORTS: Final = range(9201, 9300)  # the runner goes no higher
READY_S: Final = 90.0
LEAVING_S: Final = 30.0  # how long we wait for a node of before that still holds the folder
MAIN_CLASS: Final = "org.codelibs.opensearch.runner.OpenSearchRunner"
JVM_OPTIONS: Final = (
    "-Xms1g",
    "-Xmx1g",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dio.netty.noUnsafe=true",
)
BRIEF_OPTIONS: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Compile at once and only once, collect on one core: half the CPU seconds of a start, where little comes after it."""
NODE_SETTINGS: Final = """\
network.host: 127.0.0.1
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


@dataclass(frozen=True, slots=True)
class Release:
    """A version that can be started, with what it needs.

    Attributes:
        javas: major versions that run it.
        modules: of Java; a runtime without locale data starts the process but not the node.
    """

    version: str
    javas: range
    modules: frozenset[str]
    options: tuple[str, ...]


RELEASES: Final = {
    release.version: release
    for release in (
        Release(
            "3.8.0.0",
            range(21, 1_000),
            frozenset({"jdk.localedata", "jdk.incubator.vector"}),
            ("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"),
        ),
        Release("2.19.1.0", range(11, 18), frozenset({"jdk.localedata"}), ()),
    )
}
CURRENT: Final = "3.8.0.0"


class EmbeddedOpenSearch(EmbeddedEngine[KeptProcess]):
    """One node on a folder of its own; its version is what the node says, for instance `3.8.0`."""

    def __init__(
        self,
        folder: Path,
        *,
        production: bool,
        version: str = CURRENT,
        brief: bool = False,
        recipe: Path = RECIPE,
        cache: Path | None = None,
    ) -> None:
        """Find a JDK, and fetch and check the jars.

        Args:
            folder: made if it is not there; holds settings, data and log. One node at a time.
            production: whether this node is one; it is then refused.
            version: one of `RELEASES`.
            brief: whether it will have little to do before it ends, as for a test; a bench measures one that is not.
            recipe: the folder with `pom.xml` and `jars.sha256`.
            cache: where jars are kept; by default in the user's cache.

        Raises:
            RefusedInProduction: see `production`.
            EngineNotInstalled: what is missing and how to get it.
            ForeignJar: a jar is not the one committed.
        """
        super().__init__(production=production)
        if version not in RELEASES:
            raise EngineNotInstalled(f"OpenSearch {version} cannot be started here; {', '.join(RELEASES)} can")
        self._release = RELEASES[version]
        self._java = find_java(self._release.javas, modules=self._release.modules)
        self._jars = jars_for(version, self._java, recipe=recipe, cache=cache)
        self._folder = folder.resolve()
        self._options = (*JVM_OPTIONS, *(BRIEF_OPTIONS if brief else ()), *self._release.options)
        self.name = f"opensearch-{version}"

    @property
    def log(self) -> Path:
        """What the node says."""
        return self._folder / "node.log"

    def start(self) -> str:
        """Start the node, wait until it answers and return its URL: about 6 s.

        Raises:
            EngineDoesNotStart: it ended or did not answer in time.
        """
        if self._process is not None and not self._process.ended():
            return self._url
        self.stop()
        settings = self._folder / "node_1" / "config" / "opensearch.yml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(NODE_SETTINGS, encoding="ascii")
        give_up = time.monotonic() + LEAVING_S
        while not self._launch():
            # Either a node of before still holds the folder, or somebody took the port between look and start.
            if time.monotonic() > give_up:
                raise EngineDoesNotStart(f"{self.name} on {self._folder} ended: {last_lines(self.log)}")
            time.sleep(1.0)
        return self._url

    def kill(self) -> None:
        """End the node with kill -9, for tests of what survives. `start` begins again on the same folder."""
        process = self._forget()
        if process is not None:
            process.kill()

    def _launch(self) -> bool:
        # The name is the folder's own: whoever answers with it is our node and no other on this machine.
        cluster = f"rtr-{hashlib.sha256(str(self._folder).encode()).hexdigest()[:16]}"
        port = free_port(HTTP_PORTS)
        command = [str(self._java.home / "bin" / "java"), *self._options]
        command += ["-cp", f"{self._jars}/*", MAIN_CLASS, "-basePath", str(self._folder), "-numOfNode", "1"]
        command += ["-baseHttpPort", str(port - 1), "-clusterName", cluster]
        environment = clean_environment(JAVA_HOME=str(self._java.home))
        self._process = KeptProcess(command, log=self.log, environment=environment)
        deadline = time.monotonic() + READY_S
        url = f"http://{LOOPBACK}:{port}"
        while not self._process.ended():
            answer = who_answers(url)
            if answer is not None and answer.get("cluster_name") == cluster and _has_recovered(url):
                self._url, self.version = url, str(answer["version"]["number"])
                return True
            if answer is not None and answer.get("cluster_name") != cluster:
                break  # a stranger on our port
            if time.monotonic() > deadline:
                self.stop()
                raise EngineDoesNotStart(f"{self.name} did not answer within {READY_S:g} s: {last_lines(self.log)}")
            time.sleep(0.1)
        self.stop()
        return False


def _has_recovered(url: str) -> bool:
    # A node answers before it has opened the indexes of its last run; a search would fail until then.
    health = who_answers(url, path="/_cluster/health")
    return health is not None and health.get("status") in {"green", "yellow"}


class ExternalOpenSearch(Engine):
    """An OpenSearch that somebody else runs, given by its URL; nothing of it is started or stopped here."""

    name = "opensearch-by-url"

    def __init__(self, url: str) -> None:
        """Keep the URL, for instance from OPENSEARCH_URL."""
        self._url = url.rstrip("/")

    def start(self) -> str:
        """See that an OpenSearch answers there, and return the URL.

        Raises:
            EngineDoesNotStart: nobody answers, or somebody else.
        """
        answer = who_answers(self._url)
        version = answer.get("version") if answer else None
        if not isinstance(version, dict) or version.get("distribution") != "opensearch":
            raise EngineDoesNotStart("no OpenSearch answers at the URL given; start it or correct OPENSEARCH_URL")
        self.version = str(version["number"])
        return self._url

    def stop(self) -> None:
        """Leave it as it is."""
