"""The phases: what is asked of every target, and what is read off while it answers."""
import contextlib
import http.client
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

import machine
from targets import KEY, OUT, Problem, get, write


@dataclass(frozen=True)
class Phase:
    name: str
    stream: bool
    connections: int
    chunks: int = 50  # content events of a stream; four more frame them
    first_us: int = 0
    gap_us: int = 0
    repeats: int = 1  # within a round; the median counts


PHASES = {p.name: p for p in (
    Phase("latency", False, 1, repeats=3),
    Phase("plain", False, 64),
    Phase("burst", True, 64),
    Phase("paced", True, 64, gap_us=2000),
    Phase("first", True, 1, chunks=3, first_us=2000, gap_us=1000, repeats=3),
)}

# Keeps a core from sleeping, at the lowest ordinary priority, or below that ("idle": it gives way at once); ends with this
# program.
IDLER = """
import os, sys
core, parent, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.sched_setaffinity(0, [core])
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)) if how == "idle" else os.nice(19)
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""


def request_body(model, stream):
    body = {
        "model": model,
        "messages": [
            {"role": "system", "content": "You are a travel agent. Answer in one or two plain sentences."},
            {"role": "user", "content": "What is an interline ticket, and what happens to it when one of the carriers cancels?"},
        ],
        "temperature": 0.7,
        "max_tokens": 256,
    }
    if stream:
        body.update(stream=True, stream_options={"include_usage": True})
    return json.dumps(body, separators=(",", ":"))


def ask(target, stream):
    """One reply's body, by an ordinary client."""
    headers = dict(h.split(": ", 1) for h in headers_of(target)) | {"content-type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    try:
        connection.request("POST", target.path, request_body(target.model, stream), headers)
        reply = connection.getresponse()
        body = reply.read()
    except (OSError, http.client.HTTPException) as error:
        raise Problem(f"{target.name} does not answer on port {target.port}: {error}") from error
    finally:
        connection.close()
    if reply.status != 200:
        raise Problem(f"{target.name} answers {reply.status}: {body[:300].decode(errors='replace')}")
    return body


def headers_of(target):
    own = {h.split(":", 1)[0].lower() for h in target.headers}
    return target.headers + ([] if "authorization" in own else [f"authorization: Bearer {KEY}"])


class Measurer:
    def __init__(self, mock, seconds, latency_requests, first_requests):
        self.mock, self.seconds = mock, seconds
        self.counts = {"latency": latency_requests, "first": first_requests}
        self.expected = {}  # (target, stream, chunks) -> (file with a right body, how like it replies must be)
        self.cores = sorted(os.sched_getaffinity(0))
        self.others = []  # cores that other work took, window by window

    @contextlib.contextmanager
    def prepared(self, phase):
        """The mock set for a phase. With one connection also the luck of placement is taken out, which else is a factor of two:

        mock and load generator, which then never work at once, share the first core, and the other cores are kept busy at
        the lowest priority. They neither fall asleep (waking a sleeping core costs more than a gateway does) nor look idle,
        so the scheduler leaves the target beside its caller; threads that have work of their own still spread.
        """
        get(f"http://127.0.0.1:{self.mock.port}/mock/set?chunks={phase.chunks}&first_us={phase.first_us}&gap_us={phase.gap_us}")
        alone = phase.connections == 1
        self.load_cores = self.cores[:1] if alone else self.cores
        machine.allow(self.mock.processes(), self.load_cores)
        wanted = [(core, "nice") for core in self.cores[1:] if alone]
        if alone and phase.first_us:
            wanted.append((self.cores[0], "idle"))  # here the first core too would sleep, while all wait for the provider
        busy = [subprocess.Popen([sys.executable, "-c", IDLER, str(core), str(os.getpid()), how]) for core, how in wanted]
        try:
            yield
        finally:
            for process in busy:
                process.kill()
                process.wait()

    def expect(self, target, phase):
        """The strictest check the target's own replies allow: the provider's bytes, else a steady length, else the events."""
        key = (target.name, phase.stream, phase.chunks)
        if key not in self.expected:
            true, own = ask(self.mock, phase.stream), [ask(target, phase.stream) for _ in range(3)]
            check = "exact" if all(o == true for o in own) else "length" if len({len(o) for o in own}) == 1 else "loose"
            name = f"expect-{target.name}-{'stream' if phase.stream else 'plain'}-{phase.chunks}.txt"
            path = os.path.join(OUT, name)
            with open(path, "wb") as file:
                file.write(own[0])
            self.expected[key] = (path, check, len(own[0]) - len(true))
        return self.expected[key]

    def gather(self, target, phase):
        """Lets a target begin on the first core; from there it is free to move, as far as it was before."""
        processes = target.processes()
        allowed = [os.sched_getaffinity(p) for p in processes][0]
        machine.allow(processes, self.cores[:1])
        self.load(target, phase, 1, requests=30)
        machine.allow(processes, allowed)

    def load(self, target, phase, seconds, requests=None):
        path, check, _ = self.expect(target, phase)
        body = write("request.json", request_body(target.model, phase.stream))
        command = [os.path.join(OUT, "load"), str(target.port), target.path, "--body", body, "--expect", path, "--check", check,
                   "--connections", str(phase.connections), "--seconds", str(seconds)]
        for header in headers_of(target):
            command += ["--header", header]
        requests = requests or self.counts.get(phase.name)
        if requests:
            command += ["--requests", str(requests), "--warm", str(requests // 10)]
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              preexec_fn=lambda: os.sched_setaffinity(0, self.load_cores))
        if done.stderr:
            print(f"bench: {target.name}, {phase.name}: {done.stderr.strip()}", file=sys.stderr)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def measure(self, target, phase):
        """One window: the load's own figures, and CPU until a tenth of a second after it, so that put-off work counts."""
        self.expect(target, phase)
        if phase.connections == 1:
            self.gather(target, phase)
        processes, mock = target.processes(), self.mock.processes()
        begin, mine, all_before, at = machine.cpu_us(processes), machine.cpu_us(mock) + own_cpu_us(), machine.all_cpu_us(), time.monotonic()
        result = self.load(target, phase, self.seconds)
        time.sleep(0.1)
        used, mine = machine.cpu_us(processes) - begin, machine.cpu_us(mock) + own_cpu_us() - mine
        if phase.connections > 1:
            known = mine + (0 if target is self.mock else used)
            self.others.append(max(0, machine.all_cpu_us() - all_before - known) / 1e6 / (time.monotonic() - at))
        if not result or not result["right"]:
            return {"wrong": result["wrong"] if result else 1}
        return {"wrong": result["wrong"], **figures(phase.name, result, used)}


def own_cpu_us():
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usage) * 1e6


def figures(phase, r, cpu):
    """The names that tables and JSON use. CPU is over everything that was answered, what came in late included."""
    replies = r["right"] + r["wrong"]
    if phase == "latency":
        return {"latency_p50": r["whole"]["p50"], "latency_p99": r["whole"]["p99"]}
    if phase == "first":
        return {"first_p50": r["first"]["p50"], "first_p99": r["first"]["p99"]}
    if phase == "plain":
        return {"plain_rate": r["per_second"], "plain_p99": r["whole"]["p99"], "plain_cpu": cpu / replies}
    if phase == "burst":
        return {"burst_rate": r["per_second"], "burst_cpu": cpu / replies}
    return {"paced_rate": r["events"] / r["took"], "paced_cpu": cpu / r["events"]}
