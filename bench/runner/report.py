"""Rounds to medians, ratios, tables and JSON."""
import datetime
import json
from statistics import median

from targets import LEDGER, TRANSLATED

COLUMNS = [  # key, title, digits
    ("latency_p50", "c=1 p50 us", 1), ("added_p50", "added p50", 1), ("added_p99", "added p99", 1),
    ("plain_rate", "c=64 req/s", 0), ("plain_p99", "p99 us", 0), ("plain_cpu", "CPU us/request", 1),
    ("burst_rate", "streams/s", 0), ("burst_cpu", "CPU us/stream", 1),
    ("paced_rate", "events/s", 0), ("paced_cpu", "CPU us/event", 2),
    ("first_p50", "first event us", 0), ("added_first", "added first", 0),
]
MEMORY = [("rss_idle", "RSS MiB idle", 0), ("rss_load", "load", 0), ("rss_after", "after", 0)]
RATIOS = [("plain_cpu", "CPU/request"), ("burst_cpu", "CPU/stream"), ("paced_cpu", "CPU/event"),
          ("plain_rate", "req/s"), ("burst_rate", "streams/s"), ("added_p50", "added latency"), ("added_first", "added first")]
ADDED = {"added_p50": "latency_p50", "added_p99": "latency_p99", "added_first": "first_p50"}


def one_round(windows):
    """The windows of one target in one round: wrong replies add up, a figure measured repeatedly becomes its median."""
    keys = dict.fromkeys(k for w in windows for k in w)
    return {k: sum(w[k] for w in windows) if k == "wrong" else median(w[k] for w in windows if k in w) for k in keys}


def add_differences(rounds):
    """rounds: name -> list of {key: figure}. What a target adds is its figure less the direct one of the same round."""
    for name, of_target in rounds.items():
        for own, direct in zip(of_target, rounds["direct"]):
            for key, source in ADDED.items():
                if name != "direct" and source in own and source in direct:
                    own[key] = own[source] - direct[source]


def middle(values):
    values = [v for v in values if v is not None]
    return median(values) if values else None


def figure(of_target, key):
    return middle(r.get(key) for r in of_target)


def ratio(rounds, name, base, key):
    """The median of each round's own ratio: what disturbs a whole round disturbs both sides of it."""
    pairs = zip(rounds[name], rounds[base])
    return middle(a[key] / b[key] for a, b in pairs if a.get(key) is not None and b.get(key, 0) > 0)


def cell(value, digits):
    return "-" if value is None else f"{value:,.{digits}f}"


def table(head, rows):
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    def line(row):
        return "| " + " | ".join(row[i].ljust(w) if i == 0 else row[i].rjust(w) for i, w in enumerate(widths)) + " |"
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(head), rule] + [line(r) for r in rows])


def ratio_bases(names):
    """nginx first, then ourselves without translation, then every gateway that somebody asked to compare with."""
    return [n for n in ["nginx", "interline"] + [n for n in names if n not in ("direct", "nginx", "interline", TRANSLATED, LEDGER)] if n in names and len(names) > 2]


def text(result, rounds, memory, notes):
    names = list(rounds)
    m, s = result["machine"], result["settings"]
    used = [c for c in COLUMNS if any(figure(rounds[n], c[0]) is not None for n in names)]
    parts = [f"{m['cores']} cores, {m['cpu']}, {m['memory_gib']} GiB, {m['system']}, kernel {m['kernel']}; .NET SDK {m['dotnet']}, nginx {m['nginx']}, "
             f"gcc {m['gcc']}; commit {m['commit']}\n{s['rounds']} rounds of {s['seconds']:g} s, interleaved; other work took "
             f"{result['other_work_cores']:.2f} cores; {result['minutes']:.1f} minutes"]
    rows = []
    for n in names:
        row = [n] + [cell(figure(rounds[n], k), d) for k, _, d in used]
        rows.append(row + [cell(memory[n].get(k), d) for k, _, d in MEMORY] + [f"{result['targets'][n]['wrong']:,}", notes[n]])
    parts.append(table(["target"] + [c[1] for c in used] + [c[1] for c in MEMORY] + ["wrong", "body"], rows))
    for base in ratio_bases(names):
        of = [r for r in RATIOS if any(k == r[0] for k, _, _ in used)]
        rows = [[n] + [cell(result["ratios"][n][base].get(k), 2) for k, _ in of] for n in names if n not in ("direct", base)]
        parts.append(f"Against {base} (median of each round's own ratio)\n\n" + table(["target"] + [t for _, t in of], rows))
    spread = [[n] + [" - ".join(cell(f([r[k] for r in rounds[n] if k in r]), d) for f in (min, max)) if figure(rounds[n], k) is not None else "-"
                     for k, _, d in used] for n in names]
    parts.append("Lowest and highest round\n\n" + table(["target"] + [c[1] for c in used], spread))
    return "\n\n".join(parts)


def collect(machine, settings, rounds, memory, notes, others, minutes):
    """Everything the tables say and each round's own figures, for machines."""
    names = list(rounds)
    keys = [k for k, _, _ in COLUMNS] + ["latency_p99", "first_p99"]
    return {
        "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine, "settings": settings, "other_work_cores": middle(others) or 0.0, "minutes": minutes,
        "targets": {n: {"median": {k: figure(rounds[n], k) for k in keys}, "memory_mib": memory[n], "body": notes[n],
                        "wrong": sum(r["wrong"] for r in rounds[n]), "rounds": rounds[n]} for n in names},
        "ratios": {n: {b: {k: ratio(rounds, n, b, k) for k, _ in RATIOS} for b in names if b != n} for n in names},
    }


def save(path, result):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
