#!/usr/bin/env python3
"""Boot a small virtual machine that holds this computer's files, and run a program there (`make test-bluez`).

The machine is emulated in software, so it needs no KVM, no root, no Bluetooth adapter and no disk image. Its
kernel is Debian's, unpacked and not installed. Its root is this computer's, read-only, under a layer that is
forgotten afterwards: what the program inside needs is what is installed here.

The Python that runs this script also runs the program inside.
"""

from __future__ import annotations

import argparse
import gzip
import io
import lzma
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "bluetoothd": "bluez",
    "dbus-daemon": "dbus",
    "busybox": "busybox-static",
}
PLACES = ("/usr/libexec/bluetooth", "/usr/lib/bluetooth")  # of bluetoothd, besides the usual ones
KERNEL = "linux-image-amd64"
MODULES = (
    # the machine's own root
    ("virtio_pci", "9pnet_virtio", "9p", "overlay"),
    # what the Bluetooth core asks for by name while it runs, and the adapter without hardware
    ("cmac", "ecb", "ccm", "bluetooth", "hci_vhci"),
)
MEMORY_MB = 1536
# Nobody else uses this machine: no protections against other users of the same processor.
KERNEL_OPTIONS = "console=ttyS0 quiet loglevel=3 panic=-1 random.trust_cpu=on tsc=reliable mitigations=off"
NO_TEST = 77  # exit code of "cannot be run here", as in automake


def main() -> int:
    """Build what is missing, boot, and give the exit code of the program inside."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=REPOSITORY / ".bluez-vm", help="kernel and results")
    parser.add_argument("--seconds", type=float, default=270.0, help="time limit of the whole run")
    parser.add_argument("--install", action="store_true", help="apt-get install what is missing (as root)")
    parser.add_argument("--kvm", action="store_true", help="use the processor's help, where that works")
    parser.add_argument("--check", action="store_true", help="only tell whether it can be run here")
    parser.add_argument(
        "command", nargs="*", help="what to run in there instead, in this repository's folder (after --)"
    )
    arguments = parser.parse_args()
    started = time.monotonic()
    missing = what_is_missing()
    if missing and arguments.install and os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing)
        missing = what_is_missing()
    if missing:
        print(f"make test-bluez needs programs that are not here: sudo apt install {' '.join(missing)}")
        return NO_TEST
    if platform.machine() != "x86_64" or shutil.which("apt-get") is None:
        print("make test-bluez takes its kernel from Debian's packages for x86-64: run it on such a system")
        return NO_TEST
    if arguments.check:
        return 0
    kernel = unpacked_kernel(arguments.cache)
    command = arguments.command or [sys.executable, "tests/bluez/run.py"]
    results = arguments.cache / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    image = arguments.cache / "initramfs"
    image.write_bytes(initramfs(kernel, command))
    print(f"Everything is there after {time.monotonic() - started:.0f} s; booting ...", flush=True)
    left = arguments.seconds - (time.monotonic() - started)
    return boot(kernel / "vmlinuz", image, results, seconds=left, kvm=arguments.kvm)


# -- what is needed ---


def program(name: str) -> str | None:
    """Path of a program, also where only the system looks."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *PLACES])
    return shutil.which(name, path=path)


def what_is_missing() -> list[str]:
    """Packages whose program is not here; a busybox with shared libraries is no help in an initramfs."""
    missing = [package for name, package in PROGRAMS.items() if program(name) is None]
    busybox = program("busybox")
    if busybox and b"/ld-linux" in Path(busybox).read_bytes():
        missing.append(PROGRAMS["busybox"])
    return missing


def install(packages: list[str]) -> None:
    """Install them; a machine that has never been asked has no list of packages."""
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False, **quiet
    )


def unpacked_kernel(cache: Path) -> Path:
    """Folder with ``vmlinuz`` and the modules in the order in which they are loaded."""
    folder = cache / "kernel"
    if (folder / "modules").exists():
        return folder
    raw = cache / "package"
    for leftover in (folder, raw):
        shutil.rmtree(leftover, ignore_errors=True)
    raw.mkdir(parents=True)
    apt_get("update", "-qq", cwd=raw, check=False)
    listed = subprocess.run(
        ["apt-cache", "depends", KERNEL], check=True, capture_output=True, text=True
    ).stdout
    name = re.search(r"Depends: (linux-image-\S+)", listed)
    if name is None:
        raise SystemExit(f"Debian's package {KERNEL} names no kernel: run apt-get update, then try again")
    apt_get("download", "-qq", name[1], cwd=raw)
    [package] = raw.glob("*.deb")
    subprocess.run(["dpkg", "-x", package.name, "."], cwd=raw, check=True)
    folder.mkdir()
    [image] = raw.glob("boot/vmlinuz-*")
    image.rename(folder / "vmlinuz")
    files = {
        path.name.partition(".")[0].replace("-", "_"): path
        for path in [*raw.rglob("*.ko"), *raw.rglob("*.ko.xz")]
    }
    order: dict[str, bytes] = {}
    for wanted in (name for group in MODULES for name in group):
        collect(wanted, files, order)
    for module, content in order.items():
        (folder / f"{module}.ko").write_bytes(content)
    (folder / "modules").write_text("\n".join(order) + "\n")
    shutil.rmtree(raw)
    return folder


def apt_get(*arguments: str, cwd: Path, check: bool = True) -> None:
    """Run it; that only root can lock its lists does not matter for a download."""
    subprocess.run(
        ["apt-get", "-o", "APT::Sandbox::User=root", *arguments],
        cwd=cwd,
        check=check,
        stdout=subprocess.DEVNULL,
        stderr=None if check else subprocess.DEVNULL,
    )


def collect(name: str, files: dict[str, Path], order: dict[str, bytes]) -> None:
    """Add a module after those that it depends on; one without a file is built into the kernel."""
    if name in order or name not in files:
        return
    path = files[name]
    content = path.read_bytes()
    if path.suffix == ".xz":
        content = lzma.decompress(content)
    depends = re.search(rb"\0depends=([^\0]*)\0", content)
    for other in depends[1].decode().split(",") if depends else ():
        collect(other.replace("-", "_"), files, order)
    order[name] = content


# -- the first files of the machine ---


def initramfs(kernel: Path, command: list[str]) -> bytes:
    """Archive with busybox, the modules, the script ``init`` and what it is to run."""
    busybox, bluetoothd = program("busybox"), program("bluetoothd")
    assert busybox is not None
    assert bluetoothd is not None
    modules = (kernel / "modules").read_text().split()
    settings = {
        "MODULES": " ".join(modules),
        "BLUETOOTHD": bluetoothd,
        "FOLDER": str(REPOSITORY),
        "COMMAND": shlex.join(command),
    }
    for name in ("PATH", "HOME", "PYTHONPATH", "OPENBLAS_CORETYPE", "PROGRAM"):
        if name in os.environ:
            settings[f"GUEST_{name}"] = os.environ[name]
    text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    archive = Archive()
    for folder in ("bin", "modules", "proc", "sys", "dev", "lower", "upper", "new"):
        archive.add(folder)
    archive.add("bin/busybox", Path(busybox).read_bytes(), mode=0o755)
    archive.add("init", (HERE / "init").read_bytes(), mode=0o755)
    archive.add("settings", text.encode())
    for module in modules:
        archive.add(f"modules/{module}.ko", (kernel / f"{module}.ko").read_bytes())
    return gzip.compress(archive.finished(), 1)


class Archive:
    """A cpio archive in the format that the kernel unpacks ("newc")."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._inode = 0

    def add(self, name: str, content: bytes | None = None, *, mode: int = 0o644) -> None:
        """Add a file, or a folder where there is no content."""
        self._inode += 1
        kind = 0o040755 if content is None else 0o100000 | mode
        data = content or b""
        fields = (self._inode, kind, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        self._out.write(b"070701" + b"".join(b"%08X" % field for field in fields))
        for part in (name.encode() + b"\0", data):
            self._out.write(part)
            self._out.write(b"\0" * (-self._out.tell() % 4))

    def finished(self) -> bytes:
        """The whole archive."""
        self.add("TRAILER!!!", b"", mode=0)
        return self._out.getvalue()


# -- booting ---


def boot(kernel: Path, image: Path, results: Path, *, seconds: float, kvm: bool = False) -> int:
    """Run the machine, with its console on ours; 1 if the program inside left no exit code."""
    command = [
        "qemu-system-x86_64",
        *("-nodefaults", "-no-user-config", "-nographic", "-no-reboot"),
        *("-accel", "kvm" if kvm else "tcg,thread=multi", "-cpu", "host" if kvm else "Nehalem"),
        *("-smp", str(min(4, os.cpu_count() or 1)), "-m", str(MEMORY_MB)),
        *("-kernel", str(kernel), "-initrd", str(image)),
        *("-append", KERNEL_OPTIONS),
        *("-serial", "stdio"),
        *share("root", "/", "readonly=on"),
        *share("results", str(results), "readonly=off"),
    ]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    overdue = threading.Timer(seconds, process.send_signal, [signal.SIGKILL])
    overdue.daemon = True
    overdue.start()
    started = time.monotonic()
    assert process.stdout is not None
    for line in process.stdout:
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1bc|\r", "", line.decode("utf-8", errors="replace"))
        print(f"{time.monotonic() - started:6.1f}  {text}", end="", flush=True)
    process.wait()
    overdue.cancel()
    try:
        return int((results / "exit_code").read_text())
    except (FileNotFoundError, ValueError):
        late = time.monotonic() - started >= seconds
        print(
            f"The virtual machine was stopped after {seconds:.0f} s."
            if late
            else "The virtual machine ended without a result.",
            flush=True,
        )
        return 1


def share(name: str, path: str, mode: str) -> tuple[str, ...]:
    """Options that share a folder with the machine."""
    folder = path.replace(",", ",,")
    return (
        "-fsdev",
        f"local,id={name},path={folder},security_model=none,multidevs=remap,{mode}",
        "-device",
        f"virtio-9p-pci,fsdev={name},mount_tag={name}",
    )


if __name__ == "__main__":
    sys.exit(main())
