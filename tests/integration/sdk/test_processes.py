"""Forks, exits and kills: every process sends its own spans, and none waits for ever."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.integration.sdk.receiver import Receiver, Reply

SRC = Path(__file__).resolve().parents[3] / "src"


def start(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Run `code` in a fresh interpreter."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": str(SRC), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str, *arguments: str, **environment: str) -> str:
    """Run `code` to its end; its standard output."""
    process = start(code, *arguments, **environment)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


def names(receiver: Receiver) -> list[str]:
    return sorted(span.name for span in receiver.spans)


def test_spans_are_sent_at_exit(receiver: Receiver) -> None:
    """A script that just ends loses nothing, and its counters arrive too."""
    run(
        """
        import pitwall
        pitwall.init(service="script")
        for number in range(100):
            with pitwall.llm_call(model="m"):
                pass
        """,
        PITWALL_ENDPOINT=receiver.endpoint,
    )
    assert len(receiver.spans) == 100
    assert receiver.last_metrics()["pitwall.sdk.spans.exported"] == 100


@pytest.mark.parametrize("server", ["hangs", "absent"])
def test_exit_does_not_wait_for_a_server(receiver: Receiver, server: str) -> None:
    """With a server that hangs or is not there the process still ends within the flush limit."""
    receiver.script = lambda _path, _body: Reply(delay_seconds=3)
    endpoint = receiver.endpoint if server == "hangs" else "http://127.0.0.1:9"
    started = time.monotonic()
    run(
        """
        import pitwall
        from pitwall.sdk import Limits
        pitwall.init(service="script", limits=Limits(exit_flush_seconds=0.3))
        pitwall.llm_call(model="m").start().end()
        """,
        PITWALL_ENDPOINT=endpoint,
    )
    assert time.monotonic() - started < 3


def test_forked_child_sends_its_own_spans_only(receiver: Receiver) -> None:
    """os.fork: what the parent had queued is sent once, and the child has an instance id of its own."""
    run(
        """
        import os
        import pitwall
        client = pitwall.init(service="app")
        pitwall.llm_call(model="m", name="before").start().end()
        child = os.fork()
        if child == 0:
            pitwall.llm_call(model="m", name="child").start().end()
            assert client.flush(10)
            os._exit(0)
        pitwall.llm_call(model="m", name="parent").start().end()
        assert os.waitpid(child, 0)[1] == 0
        """,
        PITWALL_ENDPOINT=receiver.endpoint,
    )
    assert names(receiver) == ["before", "child", "parent"]
    instances = {
        span.name: resource["service.instance.id"]
        for message, resource in zip(receiver.accepted("/v1/traces"), receiver.resources(), strict=True)
        for span in message.resource_spans[0].scope_spans[0].spans
    }
    assert instances["child"] != instances["parent"]


def test_fork_in_the_middle_of_traffic_does_not_hang(receiver: Receiver) -> None:
    """Threads that record while the process forks leave no lock behind in the child."""
    run(
        """
        import os, threading
        import pitwall
        client = pitwall.init(service="app")
        stop = threading.Event()
        def traffic():
            while not stop.is_set():
                pitwall.retrieval(name="traffic").start().end()
        threads = [threading.Thread(target=traffic) for _ in range(3)]
        for thread in threads:
            thread.start()
        children = []
        for number in range(5):
            child = os.fork()
            if child == 0:
                pitwall.llm_call(model="m", name=f"child {number}").start().end()
                os._exit(0 if client.flush(20) else 1)
            children.append(child)
        codes = [os.waitpid(child, 0)[1] for child in children]
        stop.set()
        for thread in threads:
            thread.join()
        assert codes == [0] * 5, codes
        """,
        PITWALL_ENDPOINT=receiver.endpoint,
        PYTHONWARNINGS="ignore",
    )
    assert [name for name in names(receiver) if name != "traffic"] == [
        f"child {number}" for number in range(5)
    ]


def test_workers_of_multiprocessing_flush_at_their_end(receiver: Receiver) -> None:
    """Pool workers end without atexit; their last spans are sent nevertheless."""
    run(
        """
        import multiprocessing
        import pitwall
        def work(number):
            with pitwall.llm_call(model="m", name=f"work {number}"):
                pass
        if __name__ == "__main__":
            pitwall.init(service="app")
            context = multiprocessing.get_context("fork")
            processes = [context.Process(target=work, args=(number,)) for number in range(3)]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
        """,
        PITWALL_ENDPOINT=receiver.endpoint,
    )
    assert names(receiver) == ["work 0", "work 1", "work 2"]


TORN = b'{"ts":"2026-11-20T1'
WRITER = """
    import sys
    import pitwall
    from pitwall.sdk import Limits
    limits = Limits(linger_seconds=0.005, jsonl_max_bytes=20_000, jsonl_keep_files=1000)
    client = pitwall.init(service="app", trace_dir=sys.argv[1], limits=limits)
    print("ready", flush=True)
    number = int(sys.argv[2])
    while True:
        with pitwall.request_context(request_id=f"r-{number}"):
            pitwall.llm_call(model="m" * (number % 200), provider="p").start().end()
        number += 1
        if number % 50 == 0:
            client.flush(5)
"""


def test_killed_writer_leaves_whole_lines(tmp_path: Path) -> None:
    """kill -9 at any moment, restarted on the same files: every line is a record, none twice, order kept."""
    for generation in range(6):
        process = start(WRITER, str(tmp_path), str(generation * 1_000_000))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(random.uniform(0.05, 0.25))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        with (tmp_path / "llm_calls.jsonl").open("ab") as file:  # what a crash of the machine can leave
            file.write(TORN)
    run(
        """
        import sys
        import pitwall
        client = pitwall.init(service="app", trace_dir=sys.argv[1])
        pitwall.llm_call(model="m").start().end()
        assert client.flush(5)
        """,
        str(tmp_path),
    )
    files = sorted(tmp_path.glob("llm_calls.jsonl.[0-9]*"), key=lambda path: -int(path.suffix[1:]))
    lines = [
        line for path in [*files, tmp_path / "llm_calls.jsonl"] for line in path.read_bytes().splitlines()
    ]
    whole = [line for line in lines if not line.endswith(TORN)]
    ids = [json.loads(line)["interaction_id"] for line in whole]
    numbers = [int(str(identity).removeprefix("r-")) for identity in ids if identity is not None]
    assert len(lines) - len(whole) == 6
    assert len(numbers) > 100
    assert numbers == sorted(set(numbers))


def test_importing_pitwall_is_light() -> None:
    """An application gets no database, no web server, no OpenTelemetry SDK and no structlog with it."""
    loaded = run(
        """
        import sys
        import pitwall
        pitwall.init, pitwall.observe, pitwall.RequestContextMiddleware
        print(*sorted({name.split(".")[0] for name in sys.modules} | {
            name for name in sys.modules if name.startswith("opentelemetry.")}))
        """
    ).split()
    heavy = {
        "chdb",
        "fastapi",
        "starlette",
        "pandas",
        "numpy",
        "sqlalchemy",
        "structlog",
        "pydantic",
        "requests",
    }
    assert heavy.isdisjoint(loaded)
    assert not [name for name in loaded if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))]


def test_existing_provider_is_joined_not_replaced(receiver: Receiver) -> None:
    """An application with an OpenTelemetry SDK of its own keeps it; its spans come to Pitwall as well."""
    output = run(
        """
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        memory = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(memory))
        trace.set_tracer_provider(provider)
        import pitwall
        client = pitwall.init(service="app")
        tracer = trace.get_tracer("theirs", "2")
        with pitwall.request_context(request_id="r-1"):
            with tracer.start_as_current_span("outer", attributes={"a": [1, 2]}) as outer:
                outer.add_event("event", {"b": 1})
                with pitwall.llm_call(model="m", name="inner"):
                    pass
                try:
                    with pitwall.retrieval(name="failing"):
                        raise TimeoutError("slow")
                except TimeoutError:
                    pass
        assert client.flush(5)
        assert trace.get_tracer_provider() is provider
        print(*sorted(span.name for span in memory.get_finished_spans()))
        assert client.shutdown()
        trace.get_tracer("theirs").start_span("late").end()
        """,
        PITWALL_ENDPOINT=receiver.endpoint,
    )
    assert output.split() == ["failing", "inner", "outer"]
    spans = {span.name: span for span in receiver.spans}
    assert set(spans) == {"failing", "inner", "outer"}
    assert spans["inner"].parent_span_id == spans["outer"].span_id
    assert [event.name for event in spans["outer"].events] == ["event"]
    assert spans["failing"].status.code == 2
    for span in spans.values():
        assert "pitwall.request.id" in {pair.key for pair in span.attributes}
