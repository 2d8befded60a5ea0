"""A library of ours, made here, that comes before those of the server."""
import pathlib
import shutil
import subprocess


def can_build():
    return shutil.which("cc") is not None


def build(source, directory):
    """The library. @param source: a C file beside this one"""
    library = pathlib.Path(directory) / (pathlib.Path(source).stem + ".so")
    # What throws through it finds its way.
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-fexceptions",
                    "-fno-builtin", "-shared", "-fPIC", "-o", library,
                    pathlib.Path(__file__).with_name(source)], check=True)
    return library


def variables(binary, library):
    """The environment's, in which the binary runs with it."""
    # A sanitizer's library has to come first.
    linked = subprocess.run(["ldd", binary], check=False,
                            capture_output=True, text=True).stdout
    first = [word for word in linked.split()
             if word.startswith("/") and "libasan" in word]
    return {"LD_PRELOAD": ":".join([*first, str(library)])}
