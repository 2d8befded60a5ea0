#!/usr/bin/env python3
"""F2: the power goes under load: the file system that holds the store is shut
down without a flush, so that what was not synced is lost.

Needs root, loop mounts, mkfs.ext4 and xfs_io; exits 77 where they are not.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time

import campaign

IMAGE_MIB = 512


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


class Disk:
    """An ext4 image on a loop device."""

    def __init__(self, directory):
        self.image = pathlib.Path(directory) / "disk.img"
        self.mounted_at = pathlib.Path(directory) / "disk"
        self.mounted_at.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(IMAGE_MIB << 20)
        run("mkfs.ext4", "-q", "-F", self.image)
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

    def cut_power(self, server):
        run("xfs_io", "-x", "-c", "shutdown", self.mounted_at)
        server.kill()
        self.unmount()
        self.mount()


def open_disk(directory):
    """The disk, or None where this machine cannot have one."""
    if os.geteuid() != 0 or not all(map(shutil.which,
                                        ["mkfs.ext4", "xfs_io", "mount"])):
        return None
    try:
        return Disk(directory)
    except (OSError, subprocess.CalledProcessError):
        return None


def main():
    options = campaign.parse_options(__doc__, cycles=3)
    with campaign.working_directory() as directory:
        disk = open_disk(directory)
        if disk is None:
            print("skipped: needs root, loop mounts, mkfs.ext4 and xfs_io")
            return campaign.SKIPPED
        try:
            return campaign.Campaign(options, disk.mounted_at / "data",
                                     directory, disk.cut_power).run()
        finally:
            disk.unmount()


sys.exit(main())
