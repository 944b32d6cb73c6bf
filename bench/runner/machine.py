"""What the kernel tells of a process tree, and what this machine is. Linux: everything is read from /proc."""
import os
import platform
import re
import shutil
import subprocess

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


def read(path):
    """The text of a file of /proc, or nothing: processes come and go while one looks."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def numbered(path):
    try:
        return [name for name in os.listdir(path) if name.isdigit()]
    except OSError:
        return []


def listeners(port):
    """Every process that holds the socket listening on that port (a server that forks has several)."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in read(table).splitlines()[1:]:
            field = line.split()
            if field[3] == "0A" and int(field[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{field[9]}]")
    found = set()
    for pid in numbered("/proc"):
        for fd in numbered(f"/proc/{pid}/fd"):
            try:
                if os.readlink(f"/proc/{pid}/fd/{fd}") in inodes:
                    found.add(int(pid))
                    break
            except OSError:
                pass
    return found


def stat(pid):
    """The fields of /proc/PID/stat from the state on; the name before them may hold anything, so cut at its end."""
    return read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def with_children(pids):
    children = {}
    for pid in numbered("/proc"):
        field = stat(pid)
        if field:
            children.setdefault(int(field[1]), []).append(int(pid))
    found, left = set(), list(pids)
    while left:
        pid = left.pop()
        if pid not in found:
            found.add(pid)
            left += children.get(pid, [])
    return found


def cpu_us(pids):
    """User and system time so far. stat, not schedstat: it keeps the time of threads that have ended (exact to 10 ms)."""
    total = 0
    for pid in pids:
        field = stat(pid)
        total += int(field[11]) + int(field[12]) if field else 0
    return total * TICK_US


def all_cpu_us():
    """What all cores together have worked so far: everything but idle and waiting for I/O."""
    field = [int(x) for x in read("/proc/stat").split("\n", 1)[0].split()[1:9]]
    return (sum(field) - field[3] - field[4]) * TICK_US


def memory_mib(pids, field="VmRSS"):
    """VmRSS, or VmHWM for the highest it has been. Pages that several processes share count in each."""
    kib = 0
    for pid in pids:
        match = re.search(rf"^{field}:\s+(\d+)", read(f"/proc/{pid}/status"), re.M)
        kib += int(match.group(1)) if match else 0
    return kib / 1024


def forget_peak(pids):
    for pid in pids:
        try:
            with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
                file.write("5")
        except OSError:
            pass  # another user's process: its peak then counts from its start


def allow(pids, cores):
    """Lets every thread of these processes run on these cores only."""
    for pid in pids:
        for thread in numbered(f"/proc/{pid}/task"):
            try:
                os.sched_setaffinity(int(thread), cores)
            except OSError:
                pass  # gone meanwhile, or another user's


def first_line(*command):
    if not shutil.which(command[0]):
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return ((done.stdout or done.stderr).splitlines() or [""])[0].strip()


def describe(root):
    cpu = re.search(r"^model name\s*:\s*(.*)$", read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+)", read("/proc/meminfo"), re.M)
    system = re.search(r'^PRETTY_NAME="(.*)"$', read("/etc/os-release"), re.M)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "memory_gib": round(int(memory.group(1)) / 1048576) if memory else None,
        "system": system.group(1) if system else platform.system(),
        "kernel": platform.release(),
        "load_average": os.getloadavg(),
        "dotnet": first_line("dotnet", "--version"),
        "nginx": (first_line("nginx", "-v") or "").rpartition("/")[2],
        "gcc": first_line("gcc", "-dumpfullversion"),
        "commit": first_line("git", "-C", root, "describe", "--always", "--dirty", "--abbrev=12"),
    }
