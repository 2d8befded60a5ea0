#!/usr/bin/env python3
"""Writes OUTPUT.cpp and OUTPUT.s, whose program holds files, plain and gzipped.

The bytes are in a file for the assembler: link-time optimisation loses symbols
that only an asm statement defines.

usage: embed_files.py OUTPUT.cpp NAME=FILE…
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".yaml": "application/yaml",
}


def incbin(symbol, path):
    return (f".globl {symbol}_begin, {symbol}_end\n{symbol}_begin:\n"
            f'.incbin "{path}"\n{symbol}_end:\n.byte 0\n')


def declared(symbol):
    return f'extern "C" const char {symbol}_begin[];\nextern "C" const char {symbol}_end[];\n'


def main():
    output = pathlib.Path(sys.argv[1]).resolve()
    zipped = output.parent / (output.stem + "_gzip")
    zipped.mkdir(parents=True, exist_ok=True)
    symbols, held, rows = [], [".section .rodata\n"], []
    for index, pair in enumerate(sys.argv[2:]):
        name, path = pair.split("=", 1)
        path = pathlib.Path(path).resolve()
        content = path.read_bytes()
        small = zipped / f"{index}.gz"
        small.write_bytes(gzip.compress(content, 9, mtime=0))
        for symbol, file in ((f"embedded_{index}", path), (f"embedded_{index}_gzip", small)):
            symbols.append(declared(symbol))
            held.append(incbin(symbol, file))
        rows.append(f'  {{"{name}", "{TYPES[path.suffix]}", '
                    f'"\\"{hashlib.sha256(content).hexdigest()[:20]}\\"", '
                    f'between(embedded_{index}_begin, embedded_{index}_end), '
                    f'between(embedded_{index}_gzip_begin, embedded_{index}_gzip_end)}},\n')
    output.with_suffix(".s").write_text(
        "".join(held) + '.section .note.GNU-stack,"",@progbits\n')
    output.write_text(
        '#include "http/embedded_files.hpp"\n\n' + "".join(symbols)
        + "\nnamespace troupe::http {\n\nnamespace {\n\n"
        "std::string_view between(const char* begin, const char* end) {\n"
        "  return {begin, static_cast<std::size_t>(end - begin)};\n}\n\n} // namespace\n\n"
        "std::span<const embedded_file> embedded_files() {\n"
        f"  static const std::array<embedded_file, {len(rows)}> all{{{{\n" + "".join(rows)
        + "  }};\n  return all;\n}\n\n} // namespace troupe::http\n")


main()
