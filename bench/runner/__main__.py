"""Measures Interline beside nginx, the practical limit, and any other gateway; docs/benchmarks.md says how to read it.

All targets get the same load from the same mock provider, in turn, round by round, in the opposite order every second
round. Ratios within a round are what to trust on a machine that does other things too.
"""
import argparse
import os
import signal
import sys
import time

import machine
import report
import targets
from phases import PHASES, Measurer


def arguments():
    p = argparse.ArgumentParser(prog="bench/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("peer", nargs="*", metavar="NAME=URL", help="a gateway that is running on this machine, with the mock as its provider")
    p.add_argument("--quick", action="store_true", help="about a minute: two short rounds")
    p.add_argument("--rounds", type=int, help="default 5 (quick: 2)")
    p.add_argument("--seconds", type=float, help="of each loaded phase; default 4 (quick: 1.5)")
    p.add_argument("--only", metavar="PHASES", default=",".join(PHASES), help="comma-separated, of: %(default)s")
    p.add_argument("--json", metavar="FILE", default=os.path.join(targets.OUT, "result.json"), help="default bench/out/result.json")
    p.add_argument("--model", action="append", default=[], metavar="NAME=MODEL", help="the model to ask a peer for (default gpt-4o-mini)")
    p.add_argument("--header", action="append", default=[], metavar="NAME='K: V'", help="a header that a peer wants; authorization replaces the bench key")
    p.add_argument("--mock-port", type=int, default=9950, help="where peers find the mock provider (default %(default)s)")
    p.add_argument("--no-build", action="store_true", help="use the mock and the load generator of the last run as they are")
    p.add_argument("--ledger", action="store_true", help="two targets more: `bare`, which keeps no books, and `ledger`, with a virtual key under every kind of budget and limit")
    p.add_argument("--without-gateway", action="store_true", help="leave Interline out: work on the bench itself, or on a peer")
    p.add_argument("--serve-mock", action="store_true", help="only run the mock provider, to set a peer up; Ctrl-C ends it")
    a = p.parse_args()
    a.rounds = a.rounds or (2 if a.quick else 5)
    a.seconds = a.seconds or (1.5 if a.quick else 4)
    a.phases = [PHASES[name] for name in PHASES if name in a.only.split(",")]
    unknown = set(a.only.split(",")) - set(PHASES)
    if unknown or a.rounds < 1 or a.seconds <= 0:
        p.error(f"no such phase: {', '.join(sorted(unknown))}" if unknown else "rounds and seconds must be above 0")
    return a


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def peers(a):
    found = {}
    for given in a.peer:
        target = targets.peer(given)
        if target.name in ("direct", "nginx", "interline", targets.TRANSLATED, targets.BARE, targets.LEDGER) or target.name in found:
            raise targets.Problem(f"the name {target.name} is taken")
        found[target.name] = target
    for option, given in [("model", m) for m in a.model] + [("header", h) for h in a.header]:
        name, _, value = given.partition("=")
        if name not in found:
            raise targets.Problem(f"--{option} {given}: no peer is called '{name}'")
        if option == "model":
            found[name].model = value
        else:
            found[name].headers.append(": ".join(x.strip() for x in value.split(":", 1)))
    return list(found.values())


def warm_up(measurer, everything, phases, seconds):
    """Every target meets each kind of load before anything counts: code gets compiled, pools fill."""
    kinds = [(PHASES["plain"], 1.0)] + [(PHASES[n], 0.5) for n in ("burst", "paced") if any(p.stream for p in phases)]
    for phase, share in kinds:
        with measurer.prepared(phase):
            for target in everything:
                measurer.load(target, phase, seconds * share)


def measure(a, measurer, everything):
    rounds = {t.name: [] for t in everything}
    for number in range(a.rounds):
        windows = {t.name: [] for t in everything}
        for phase in a.phases:
            with measurer.prepared(phase):
                for _ in range(phase.repeats):
                    for t in everything if number % 2 == 0 else everything[::-1]:
                        windows[t.name].append(measurer.measure(t, phase))
        for name, of_target in windows.items():
            rounds[name].append(report.one_round(of_target))
        say(f"round {number + 1} of {a.rounds} done")
    report.add_differences(rounds)
    return rounds


def body_note(measurer, target):
    """How the target's bodies compare with the provider's own."""
    notes = []
    for (name, stream, _), (_, check, more) in measurer.expected.items():
        if name == target.name and check != "exact":
            notes.append(f"{'stream' if stream else 'plain'} {more:+} B" + (", varies" if check == "loose" else ""))
    return "; ".join(dict.fromkeys(notes)) or "same"


def bench(a, started):
    at = time.monotonic()
    others = peers(a)
    everything = [targets.start_mock(started, a.mock_port)]
    if a.serve_mock:
        say(f"mock provider at http://127.0.0.1:{a.mock_port}/v1; Ctrl-C ends it")
        signal.pause()
    everything.append(targets.start_nginx(started, a.mock_port))
    if not a.without_gateway:
        say("starting the gateway (it may build first; bench/out/interline.log)")
        everything += targets.start_gateway(started, a.mock_port, a.ledger)
    everything += others
    settings = {"rounds": a.rounds, "seconds": a.seconds, "phases": [vars(p) for p in a.phases], "targets": [t.name for t in everything]}
    about = machine.describe(targets.ROOT)

    time.sleep(1)
    memory = {t.name: {"rss_idle": machine.memory_mib(t.processes())} for t in everything}
    for t in everything:
        machine.forget_peak(t.processes())
    measurer = Measurer(everything[0], a.seconds, *((600, 25) if a.quick else (2000, 60)))
    say("warming up " + ", ".join(t.name for t in everything))
    warm_up(measurer, everything, a.phases, 1.5 if a.quick else 6)
    measurer.others.clear()
    rounds = measure(a, measurer, everything)
    for t in everything:
        memory[t.name]["rss_load"] = machine.memory_mib(t.processes(), "VmHWM")
    time.sleep(5)
    for t in everything:
        memory[t.name]["rss_after"] = machine.memory_mib(t.processes())

    notes = {t.name: body_note(measurer, t) for t in everything}
    result = report.collect(about, settings, rounds, memory, notes, measurer.others, (time.monotonic() - at) / 60)
    report.save(a.json, result)
    print(report.text(result, rounds, memory, notes))
    say(f"every figure of every round is in {a.json}")
    return 1 if any(t["wrong"] for t in result["targets"].values()) else 0


def main():
    a = arguments()
    started = targets.Started()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return bench(a, started)
    except targets.Problem as problem:
        say(str(problem))
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        started.stop()


if __name__ == "__main__":
    sys.exit(main())
