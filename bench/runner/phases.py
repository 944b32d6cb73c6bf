"""The phases: what is asked of every target, and what is read off while it answers."""
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


PHASES = {p.name: p for p in (
    Phase("latency", False, 1),
    Phase("plain", False, 64),
    Phase("burst", True, 64),
    Phase("paced", True, 64, gap_us=2000),
    Phase("first", True, 1, chunks=3, first_us=2000, gap_us=1000),
)}


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
        self.others = []  # cores that other work took, window by window

    def set_mock(self, phase):
        get(f"http://127.0.0.1:{self.mock.port}/mock/set?chunks={phase.chunks}&first_us={phase.first_us}&gap_us={phase.gap_us}")

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

    def load(self, target, phase, seconds):
        path, check, _ = self.expect(target, phase)
        body = write("request.json", request_body(target.model, phase.stream))
        command = [os.path.join(OUT, "load"), str(target.port), target.path, "--body", body, "--expect", path, "--check", check,
                   "--connections", str(phase.connections), "--seconds", str(seconds)]
        for header in headers_of(target):
            command += ["--header", header]
        if phase.name in self.counts:
            command += ["--requests", str(self.counts[phase.name]), "--warm", str(self.counts[phase.name] // 10)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.stderr:
            print(f"bench: {target.name}, {phase.name}: {done.stderr.strip()}", file=sys.stderr)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def measure(self, target, phase):
        """One window: the load's own figures, and CPU until a tenth of a second after it, so that put-off work counts."""
        self.expect(target, phase)
        processes, mock = target.processes(), self.mock.processes()
        begin, mine, all_before, at = machine.cpu_us(processes), machine.cpu_us(mock) + own_cpu_us(), machine.all_cpu_us(), time.monotonic()
        result = self.load(target, phase, self.seconds)
        time.sleep(0.1)
        used, mine = machine.cpu_us(processes) - begin, machine.cpu_us(mock) + own_cpu_us() - mine
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
