"""What is measured, and how it is started and stopped."""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import machine

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(HERE)
OUT = os.path.join(HERE, "out")
TRANSLATED = "translated"  # the same gateway, asked in OpenAI's format for a model that answers in Anthropic's
TRANSLATED_MODEL = "claude-sonnet-4-5"
BARE = "bare"  # a gateway that keeps no books: nothing but routing and forwarding
LEDGER = "ledger"  # the gateway with its books, called with a virtual key that has every kind of budget and limit
KEY = "sk-rig-0123456789abcdef"  # accepted by the gateways one compares with as they are; guards nothing but this run
NGINX = """\
# A plain reverse proxy with kept connections and no logs: about the least that anything between client and provider costs.
daemon off;
worker_processes 2;
pid {out}/nginx.pid;
error_log {out}/nginx-errors.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {out}/nginx-tmp; proxy_temp_path {out}/nginx-tmp; fastcgi_temp_path {out}/nginx-tmp;
    uwsgi_temp_path {out}/nginx-tmp; scgi_temp_path {out}/nginx-tmp;
    keepalive_requests 100000000;
    upstream provider {{ server 127.0.0.1:{mock}; keepalive 256; keepalive_requests 100000000; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""


class Problem(Exception):
    """Something the user can put right; its text says what."""


@dataclass
class Target:
    name: str
    port: int
    path: str = "/v1/chat/completions"
    model: str = "gpt-4o-mini"
    headers: list = field(default_factory=list)
    holders: set = field(default_factory=set)  # the processes that hold its port

    def processes(self):
        return machine.with_children(self.holders)


def peer(text):
    """NAME=URL as given on the command line; the gateway is already running."""
    name, _, url = text.partition("=")
    parts = urlsplit(url)
    if not name or parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost") or not parts.port:
        raise Problem(f"'{text}' is not NAME=http://127.0.0.1:PORT: only gateways on this machine are measured")
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += "/chat/completions" if path.endswith("/v1") else "/v1/chat/completions"
    holders = machine.listeners(parts.port)
    if not holders:
        raise Problem(f"nothing that can be looked at listens on port {parts.port} ({name}): start it first, as the same user or root")
    return Target(name, parts.port, path, holders=holders)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write(name, text):
    path = os.path.join(OUT, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def gateway_config(mock_port, name="interline", **general):
    """One deployment that is called, and around it the two hundred that a real installation's tables hold."""
    def entry(name, model):
        return {"model_name": name, "litellm_params": {"model": model, "api_base": f"http://127.0.0.1:{mock_port}/v1", "api_key": "sk-bench-upstream"}}

    models = [entry("gpt-4o-mini", "openai/gpt-4o-mini-2024-07-18"), entry("gpt-4o-mini-spare", "openai/gpt-4o-mini-2024-07-18")]
    models += [entry(f"model-{i}", f"openai/model-{i}") for i in range(200)]
    claude = {"model": "anthropic/claude-sonnet-4-5", "api_base": f"http://127.0.0.1:{mock_port}", "api_key": "sk-bench-upstream"}
    models.append({"model_name": TRANSLATED_MODEL, "litellm_params": claude})
    config = {
        "model_list": models,
        "router_settings": {"fallbacks": [{"gpt-4o-mini": ["gpt-4o-mini-spare"]}]},
        "general_settings": {"master_key": KEY, **general},
    }
    return write(name + ".yaml", json.dumps(config, indent=1) + "\n")  # JSON is YAML


class Started:
    """Processes of this run. Each leads a session of its own, so that stopping it reaches its children and nothing else."""

    def __init__(self):
        self.running = []

    def start(self, name, command, ready, patience, **options):
        log = open(os.path.join(OUT, name + ".log"), "w", encoding="utf-8")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options)
        self.running.append(process)
        deadline = time.monotonic() + patience
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                how = "ended" if process.poll() is not None else f"was not ready after {patience} s"
                raise Problem(f"{name} {how}; the end of {log.name}:\n" + "".join(machine.read(log.name).splitlines(True)[-15:]))
            time.sleep(0.05)

    def stop(self):
        for send in (signal.SIGTERM, signal.SIGKILL):
            for process in self.running:
                try:
                    os.killpg(process.pid, send)
                except ProcessLookupError:
                    pass
            deadline = time.monotonic() + 8
            for process in self.running:
                try:
                    process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    pass


def get(url):
    with urllib.request.urlopen(url, timeout=5) as reply:
        return reply.read()


def answers(url):
    def ready():
        try:
            get(url)
            return True
        except (urllib.error.URLError, OSError):
            return False
    return ready


def start_mock(started, port):
    if machine.listeners(port):
        raise Problem(f"port {port} is taken; end what listens there, or give --mock-port")
    started.start("mock", [os.path.join(OUT, "mock"), str(port)], answers(f"http://127.0.0.1:{port}/mock/stats"), 5)
    return Target("direct", port, holders=machine.listeners(port))


def start_nginx(started, mock_port):
    port = free_port()
    os.makedirs(os.path.join(OUT, "nginx-tmp"), exist_ok=True)
    config = write("nginx.conf", NGINX.format(out=OUT, mock=mock_port, port=port))
    started.start("nginx", ["nginx", "-p", OUT, "-e", os.path.join(OUT, "nginx-errors.log"), "-c", config],
                  answers(f"http://127.0.0.1:{port}/v1/models"), 10)
    return Target("nginx", port, holders=machine.listeners(port))


def start_process(started, name, config):
    """./run may build first, and the port belongs to a child of it."""
    if not os.access(os.path.join(ROOT, "run"), os.X_OK):
        raise Problem(f"there is no {ROOT}/run yet; --without-gateway measures the others")
    port = free_port()
    data = os.path.join(OUT, name + "-data")
    shutil.rmtree(data, ignore_errors=True)
    environment = {k: v for k, v in os.environ.items() if k not in ("INTERLINE_MASTER_KEY", "LITELLM_MASTER_KEY", "DATABASE_URL")}
    started.start(name, ["./run", "--config", config, "--port", str(port)],
                  answers(f"http://127.0.0.1:{port}/health/liveliness"), 600, cwd=ROOT, env=dict(environment, INTERLINE_DATA=data))
    return port, machine.listeners(port)


def post(port, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), {"content-type": "application/json", "authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=5) as reply:
        return json.load(reply)


def limited_key(port):
    """A key whose calls count for itself, its team and its user, each with a budget and limits that this load does not reach."""
    terms = {"max_budget": 1e6, "budget_duration": "30d", "rpm_limit": 10**9, "tpm_limit": 10**12, "max_parallel_requests": 10**6}
    team = post(port, "/team/new", {"team_alias": "bench", **terms})["team_id"]
    user = post(port, "/user/new", {"user_id": "bench", "auto_create_key": False, **terms})["user_id"]
    return post(port, "/key/generate", {"team_id": team, "user_id": user, "tags": ["bench"], **terms})["key"]


def start_gateway(started, mock_port, ledger):
    """With its defaults on, as a user starts it. Two targets: forwarding, and translating; where the ledger is asked about, two more."""
    port, holders = start_process(started, "interline", gateway_config(mock_port))
    found = [Target("interline", port, holders=holders), Target(TRANSLATED, port, model=TRANSLATED_MODEL, holders=holders)]
    if ledger:
        bare, bare_holders = start_process(started, BARE, gateway_config(mock_port, BARE, keep_books=False))
        found.append(Target(BARE, bare, holders=bare_holders))
        found.append(Target(LEDGER, port, headers=[f"authorization: Bearer {limited_key(port)}"], holders=holders))
    return found
