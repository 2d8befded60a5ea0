"""A store with definitions and no events, made once and copied for each try."""
import os
import pathlib
import shutil
import subprocess

from scenario import set_up
from server import Server
from sink import Sink
from store_database import Cluster, StoreDatabase
from store_file import StoreFile

QUIET = {"PGOPTIONS": "-c client_min_messages=warning"}
FILES = ["troupe.db", "troupe.db-wal", "troupe.db-shm", "troupe.lock"]


class FileStart:
    """In files below `directory`; also the base of the other one."""

    def __init__(self, binary, directory):
        self.binary = binary
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.sink = Sink()
        self.make()

    def make(self):
        first = self.server()
        first.start()
        set_up(first, self.sink)
        if first.stop() != 0:
            raise RuntimeError("the first server does not stop")
        self.keep()

    def keep(self):
        self.data.rename(self.directory / "template")

    def begin(self):
        """A fresh copy, as a store."""
        self.sink.forget()
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.directory / "template", self.data)
        return StoreFile(self.data)

    def paths(self):
        """Of what it is stored in, as far as that is this machine's."""
        return [self.data / name for name in FILES]

    def server(self):
        return Server(self.binary, self.directory, self.data)

    def close(self):
        self.sink.close()


class DatabaseStart(FileStart):
    """In a database of a cluster of its own."""

    def __init__(self, binary, directory):
        self.cluster = Cluster()
        super().__init__(binary, directory)

    def tell(self, *commands):
        subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1",
             *(part for each in commands for part in ("-c", each)),
             self.cluster.url("template1")], check=True,
            stdout=subprocess.DEVNULL, env=os.environ | QUIET)

    def make(self):
        self.tell("CREATE DATABASE data")
        super().make()

    def keep(self):
        self.tell("ALTER DATABASE data RENAME TO kept")

    def begin(self):
        self.sink.forget()
        self.tell("DROP DATABASE IF EXISTS data WITH (FORCE)",
                  "CREATE DATABASE data TEMPLATE kept")
        return StoreDatabase(self.cluster.url("data"), self.data)

    def paths(self):
        return []

    def server(self):
        return Server(self.binary, self.directory, self.data,
                      url=self.cluster.url("data"))

    def close(self):
        super().close()
        self.cluster.close()
