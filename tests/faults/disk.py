"""A disk whose power can be cut: a file system in an image on a loop device,
shut down without a flush, so that what was not synced is lost."""
import os
import pathlib
import shutil
import subprocess
import time

# The journal of XFS wants 300 at least.
IMAGE_MIB = 512
MAKE = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


class Disk:
    def __init__(self, directory, file_system):
        self.image = pathlib.Path(directory) / "disk.img"
        self.mounted_at = pathlib.Path(directory) / "disk"
        self.mounted_at.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(IMAGE_MIB << 20)
        run(*MAKE[file_system], self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop", self.image, self.mounted_at)

    def unmount(self):
        # Readers of the ended server's files may take a moment to let go.
        for _ in range(100):
            if subprocess.run(["umount", self.mounted_at],
                              stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(f"cannot unmount {self.mounted_at}")

    def sync(self):
        run("sync", "-f", self.mounted_at)

    def cut(self):
        """From here on nothing reaches the disk, and whoever writes is told."""
        run("xfs_io", "-x", "-c", "shutdown", self.mounted_at)

    def restore(self):
        """@pre all who had files open there have ended"""
        self.unmount()
        self.mount()


def open_disk(directory, file_system):
    """The disk, or None where this machine cannot have one."""
    needed = [MAKE[file_system][0], "xfs_io", "mount"]
    if os.geteuid() != 0 or not all(map(shutil.which, needed)):
        return None
    try:
        return Disk(directory, file_system)
    except (OSError, subprocess.CalledProcessError):
        return None
