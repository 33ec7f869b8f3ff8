# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers, sites and costs for the bench. Everything lives in one temporary folder."""
import os
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", ROOT + "/build/release")
IDOU = os.environ.get("IDOU", BUILD + "/idou")
SLAPD = ROOT + "/tests/servers/slapd"
NOW = "2027-03-24T19:00:00+09:00"
ROSTER = "roster-20270301.csv"

os.environ.update(LC_ALL="C.UTF-8", IDOU_NOW=NOW, LDAPCONF="/dev/null")


def die(text):
    sys.exit("bench: " + text)


def say(text):
    print(text, file=sys.stderr, flush=True)


def check(argv, codes=(0,), **options):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode not in codes:
        die(f"{shlex.join(argv)} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return done.stdout


class Cost:
    """Wall and CPU seconds, peak memory in bytes."""

    def __init__(self, wall, cpu, peak):
        self.wall, self.cpu, self.peak = wall, cpu, peak


def cost(folder, argv, codes=(0,), output=subprocess.DEVNULL, **options):
    """Runs a command and tells what it took; its output is thrown away unless the caller wants it."""
    path = folder + "/cost"
    done = subprocess.run([BUILD + "/tests/perf/cost", path] + argv, stdin=subprocess.DEVNULL,
                          stdout=output, stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode not in codes:
        die(f"{shlex.join(argv)} ended with {done.returncode}: {done.stderr[-2000:]}")
    with open(path, encoding="ascii") as file:
        wall, cpu, peak = file.read().split()
    os.remove(path)
    return Cost(float(wall), float(cpu), int(peak) * 1024)


def median(values):
    return statistics.median(list(values))


def copy(source, to):
    """A copy that keeps holes; slapd's database is mostly hole."""
    shutil.rmtree(to, ignore_errors=True)
    check(["cp", "-a", "--sparse=always", "--reflink=auto", source, to])


class Server:
    """A private slapd. Its database can be put aside and brought back."""

    def __init__(self, folder, *options):
        self.folder = folder
        check([SLAPD, "start", folder, *options])
        with open(folder + "/env", encoding="utf-8") as file:
            self.env = dict(item.split("=", 1) for item in shlex.split(file.read()))

    def stop(self):
        check([SLAPD, "stop", self.folder])

    def save(self, to):
        self.stop()
        copy(self.folder + "/db", to)
        check([SLAPD, "restart", self.folder])

    def restore(self, source, sync):
        """Starts on a copy of `source`; `sync`: whether each write waits for the disk."""
        self.stop()
        copy(source, self.folder + "/db")
        path = self.folder + "/slapd.conf"
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if line.strip() != "dbnosync"]
        if not sync:
            lines.insert(1 + next(i for i, line in enumerate(lines) if line.startswith("lastbind")),
                         "dbnosync\n")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
        os.sync()  # the copy is not to be written out while the clock runs
        check([SLAPD, "restart", self.folder])

    def cpu(self):
        """CPU seconds of the server since it was started last."""
        with open(self.folder + "/slapd.pid", encoding="ascii") as file:
            pid = file.read().strip()
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def client(self, tool, *arguments, account="READER"):
        return [tool, "-ZZ", "-x", "-H", self.env["LDAP_URI"], "-D", self.env[account + "_DN"], "-y",
                self.env[account + "_SECRET"], *arguments]

    def client_env(self):
        return {**os.environ, "LDAPTLS_CACERT": self.env["CA_FILE"]}


class Site:
    """A site folder. A variant is a copy whose mappings or ledger are changed."""

    def __init__(self, folder):
        self.folder = folder

    @classmethod
    def make(cls, folder, server, gaiji):
        script = f'. "{ROOT}/tests/demo/site.sh"; site_make "$1" "$2"'
        check(["sh", "-euc", script, "sh", folder, server.folder], env={**os.environ, "ROOT": ROOT})
        shutil.copy(gaiji, folder)
        with open(folder + "/idou.yaml", "a", encoding="utf-8") as file:
            # What is applied here was not meant to pass unseen.
            file.write("    guard: {create: none, modify: none, join: none, leave: none, disable: none}\n")
        return cls(folder)

    def variant(self, name):
        folder = os.path.dirname(self.folder) + "/" + name
        copy(self.folder, folder)
        shutil.rmtree(folder + "/plans", ignore_errors=True)
        return Site(folder)

    def drop_memberships(self):
        os.remove(self.folder + "/mappings/group.yaml")
        path = self.folder + "/mappings/account.yaml"
        with open(path, encoding="utf-8") as file:
            blocks = file.read().split("\nmemberships:")
        with open(path, "w", encoding="utf-8") as file:
            file.write(blocks[0] + "\nlifecycle:" + blocks[1].split("\nlifecycle:")[1])

    def idou(self, *arguments, codes=(0,)):
        return check([IDOU, *arguments], codes, cwd=self.folder)

    def cost(self, *arguments, codes=(0,)):
        return cost(self.folder, [IDOU, *arguments], codes, cwd=self.folder)

    def plan(self, name):
        """Plans what is different, as file and as LDIF without comments."""
        self.idou("plan", "--as-of", "today", "--quiet", "-o", name + ".plan", codes=(2,))
        ldif = check([IDOU, "show", "--format", "ldif", name + ".plan"], (2,), cwd=self.folder)
        with open(f"{self.folder}/{name}.ldif", "w", encoding="utf-8") as file:
            file.writelines(line for line in ldif.splitlines(True) if not line.startswith("#"))

    def keep_ledger(self):
        shutil.copy(self.folder + "/idou.db", self.folder + "/ledger")

    def reset_ledger(self):
        for end in "-wal", "-shm", ".lock":
            if os.path.exists(self.folder + "/idou.db" + end):
                os.remove(self.folder + "/idou.db" + end)
        shutil.copy(self.folder + "/ledger", self.folder + "/idou.db")


class Lab:
    """The temporary folder, and what was measured."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="idou-bench-")
        self.memory = tempfile.mkdtemp(prefix="idou-bench-", dir="/dev/shm")
        self.servers = []
        self.began = time.monotonic()
        self.n_ok = self.n_short = 0

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped then, too
        return self

    def __exit__(self, *_):
        for server in self.servers:
            subprocess.run([SLAPD, "stop", server.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.memory, ignore_errors=True)

    def step(self, text):
        say(f"[{time.monotonic() - self.began:4.0f} s] {text}")

    def city(self, n_people, name="hr"):
        folder = f"{self.folder}/{name}"
        check([BUILD + "/fixtures/city", "--people", str(n_people), "--seed", "1", "--date", "2027-03-01",
               "--out", folder, "--only", "units", "--only", "roster", "--only", "gaiji"])
        return folder

    def server(self, name, *options):
        server = Server(f"{self.folder}/{name}", *options)
        self.servers.append(server)
        return server

    def populate(self, site, hr):
        """From HR's files to a directory that needs nothing."""
        site.idou("intake", hr + "/units.csv", f"{hr}/{ROSTER}")
        site.idou("plan", "--as-of", "today", "--first-run", "--quiet", "-o", "first.plan", codes=(2,))
        site.idou("apply", "--first-run", "first.plan")
        os.remove(site.folder + "/first.plan")

    def tell(self, name, value, least=None, most=None, note=""):
        """One line: a ratio or figure, and whether it meets its goal if it has one."""
        if least is None and most is None:
            verdict = "goal=-"
        else:
            fine = value >= least if most is None else value <= most
            verdict = (f">={least:g}" if most is None else f"<={most:g}") + (" ok" if fine else " short")
            verdict = "goal=" + verdict
            self.n_ok += fine
            self.n_short += not fine
        print(f"bench: {name} value={value:.3g} {verdict}" + (f"  # {note}" if note else ""), flush=True)
