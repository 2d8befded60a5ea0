"""The line between the server and PostgreSQL, when a test has it in its hands:
it can be slow, and lead elsewhere."""
import asyncio
import pathlib
import tempfile
import threading

SOCKET = ".s.PGSQL.5432"
READ_MAX = 1 << 20
PIECE = 512  # of what passes a slow line at once


class Way:
    """One of the two directions of the line, which its connections share."""

    def __init__(self):
        self.free_at = 0.0

    async def wait_turn(self, size, bytes_per_second):
        now = asyncio.get_running_loop().time()
        self.free_at = max(self.free_at, now) + size / bytes_per_second
        await asyncio.sleep(self.free_at - now)


class DatabaseLine:
    """In a thread of its own. @param server: the directory of its socket, which
    those who connect from now on are led to
    `bytes_per_second`: how much passes each way; 0: whatever comes
    `slowed_bytes`: those that waited for their turn"""

    def __init__(self, server):
        self.server = server
        self.bytes_per_second = self.slowed_bytes = 0
        self.there, self.back = Way(), Way()
        self.directory = tempfile.TemporaryDirectory(prefix="troupe-line-")
        pathlib.Path(self.directory.name).chmod(0o711)
        self.loop = asyncio.new_event_loop()
        listening = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(listening,),
                                       daemon=True)
        self.thread.start()
        if not listening.wait(10):
            raise RuntimeError("the line to the database does not listen")

    def url(self, database, user="troupe"):
        return (f"postgresql:///{database}?user={user}"
                f"&host={self.directory.name}")

    def run(self, listening):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_unix_server(
            self.serve, pathlib.Path(self.directory.name) / SOCKET))
        listening.set()
        self.loop.run_forever()
        server.close()

    async def serve(self, client_reader, client_writer):
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(
                pathlib.Path(self.server) / SOCKET)
        except OSError:
            client_writer.transport.abort()
            return
        ways = self.ways(client_reader, client_writer, server_reader,
                         server_writer)
        tasks = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for writer in (client_writer, server_writer):
            writer.transport.abort()

    def ways(self, client_reader, client_writer, server_reader, server_writer):
        """The two that one connection has; it ends with either."""
        return [self.carry(client_reader, server_writer, self.there),
                self.carry(server_reader, client_writer, self.back)]

    async def carry(self, reader, writer, way):
        try:
            while data := await reader.read(READ_MAX):
                while self.bytes_per_second and data:
                    piece, data = data[:PIECE], data[PIECE:]
                    await way.wait_turn(len(piece), self.bytes_per_second)
                    writer.write(piece)
                    self.slowed_bytes += len(piece)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # either end is gone

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.directory.cleanup()
