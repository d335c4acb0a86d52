"""python compare.py FORMAT SEED COUNT: lays what Tweedie makes of mutated files beside what the reference
libraries make of them: safetensors, NumPy, and libpng (through imagecodecs) with Pillow.

Prints how many files both read alike, both refuse, and only one reads, with the reason for each kind of
difference. Exits with 1 when a difference has no reason. Run it by hand, in an environment with
`pip install numpy safetensors pillow imagecodecs`.
"""

import base64
import collections
import io
import json
import os
import pathlib
import subprocess
import sys
import warnings

import numpy

warnings.simplefilter("ignore")


def values(result, dtype):
    return numpy.frombuffer(base64.b64decode(result), dtype=dtype)


def same_numbers(ours, shape, reference):
    """Whether numbers read as float32 or int32 are those of an array of any type."""
    dtype = "<f4" if ours["float"] else "<i4"
    numbers = values(ours["data"], dtype)
    expected = reference.astype(dtype).reshape(-1)
    return list(shape) == ours["shape"] and (
        numpy.array_equal(numbers, expected, equal_nan=True) if ours["float"] else numpy.array_equal(numbers, expected)
    )


class Npy:
    kinds = {"f4", "f8", "b1", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"}

    def read(self, data):
        stream = io.BytesIO(data)
        array = numpy.load(stream, allow_pickle=False)
        return array, stream.tell()

    def same(self, ours, reference):
        array, _ = reference
        return same_numbers(ours, array.shape, array)

    def only_reference(self, ours, reference, data):
        array, end = reference
        if "numbers of another kind" in ours["message"] and array.dtype.str[1:] not in self.kinds:
            return "a kind of numbers that has no place among float32 and int32"
        if "numbers of another kind" in ours["message"]:
            return "a kind of numbers under a name that is not the same on every machine, or none that NumPy writes"
        if ours["code"] == "INVALID_VALUE" and abs(array.astype(float)).max() >= 2**31:
            return "a whole number beyond int32"
        if " bytes. Allowed: the " in ours["message"] and end < len(data):
            return "bytes after the array, which NumPy leaves for a next array in the stream"
        if "without a shape" in ours["message"] and array.size == 0 and max(array.shape) >= 2**53:
            return "an extent beyond 2^53 of an array without numbers"
        return None

    def only_ours(self, ours, error):
        return None


class Safetensors:
    kinds = {"F64", "F32", "F16", "BF16", "I64", "U64", "I32", "U32", "I16", "U16", "I8", "U8", "BOOL"}

    def read(self, data):
        import safetensors

        return dict(safetensors.deserialize(data))

    def same(self, ours, reference):
        if {tensor["name"] for tensor in ours["tensors"]} != reference.keys():
            return False
        for tensor in ours["tensors"]:
            found = reference[tensor["name"]]
            raw = bytes(found["data"])
            if found["dtype"] == "BF16":
                array = (numpy.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
            else:
                dtype = {"BOOL": "?"}.get(found["dtype"]) or "<" + found["dtype"].lower()[0] + str(
                    int(found["dtype"][1:]) // 8
                )
                array = numpy.frombuffer(raw, dtype)
            if not same_numbers(tensor, found["shape"], array):
                return False
        return True

    def only_reference(self, ours, reference, data):
        message = ours["message"]
        if ours["code"] == "UNSUPPORTED" and "does not fit" in message:
            return "a whole number beyond int32"
        if ours["code"] == "UNSUPPORTED" and any(v["dtype"] not in self.kinds for v in reference.values()):
            return "a kind of numbers that has no place among float32 and int32"
        if " twice" in message:
            return "a key twice, of which the reference takes the last; the format forbids it"
        header = data[8 : 8 + int.from_bytes(data[:8], "little")]
        described = json.loads(header)
        if "is not described" in message and any(isinstance(v, list) for v in described.values()):
            return "a tensor described by a list, which serde takes for a record; the format has records"
        if "has the type {" in message:
            return "a type as a record of null, which serde takes for a name; the format has texts"
        if "has the shape" in message and any(
            extent >= 2**53 for v in described.values() if isinstance(v, dict) for extent in v.get("shape", [])
        ):
            return "an extent beyond 2^53 of a tensor without numbers"
        return None

    def only_ours(self, ours, error):
        return None


class Png:
    def __init__(self):
        # libpng writes its warnings there, thousands of them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

    def read(self, data):
        import imagecodecs

        return imagecodecs.png_decode(data)

    def pillow(self, data):
        from PIL import Image

        try:
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                return image.format == "PNG"
        except Exception as error:
            return str(error)

    def same(self, ours, reference):
        channels, top = ours["channels"], ours["max"]
        pixels = values(ours["data"], "<u2").reshape(ours["height"], ours["width"], channels)
        if top < 255:
            pixels = pixels * (255 // top)
        array = numpy.asarray(reference)
        array = array.reshape(ours["height"], ours["width"], -1)
        # libpng adds no alpha to a palette without tRNS; ours is then opaque.
        if array.shape[2] == channels - 1:
            return bool((pixels[..., -1] == 255).all() and numpy.array_equal(pixels[..., :-1], array))
        return numpy.array_equal(pixels, array)

    def only_reference(self, ours, reference, data):
        message = ours["message"]
        pillow = self.pillow(data)
        if "checksum of its chunk" in message:
            return f"a wrong checksum of a chunk beside the pixels, or after them; Pillow: {'reads' if pillow is True else 'refuses'}"
        for part, reason in {
            "is cut short": "no IEND, or cut after the pixels: libpng is not asked for the end",
            "begins no chunk": "no chunk after the pixels: libpng is not asked for the end",
            "more than the": "more image data than the size has, which libpng warns of",
            "cannot be unpacked": "compressed data whose end or checksum is wrong after the last pixel",
            "not in its palette": "an index beyond the palette, black in libpng",
            "is interrupted": "further IDAT chunks after another chunk, which libpng warns of",
            "out of place or unknown": "a critical chunk after the pixels: libpng is not asked for the end",
            "two palettes": "a second palette after the pixels or of a picture without one",
        }.items():
            if part in message:
                return f"{reason}; Pillow: {'reads' if pillow is True else 'refuses'}"
        return None

    def only_ours(self, ours, error):
        return None


def main():
    name, seed, count = sys.argv[1:]
    reference = {"npy": Npy, "safetensors": Safetensors, "png": Png}[name]()
    script = pathlib.Path(__file__).with_name("inputs.mjs")
    process = subprocess.Popen(["node", str(script), name, seed, count], stdout=subprocess.PIPE)
    kinds = collections.Counter()
    unexplained = []
    for line in process.stdout:
        ours = json.loads(line)
        data = base64.b64decode(ours["bytes"])
        try:
            found, error = reference.read(data), None
        except Exception as caught:  # noqa: BLE001: any error is a refusal
            found, error = None, caught
        if "value" in ours and error is None:
            same = reference.same(ours["value"], found)
            kind = "read alike" if same else None
        elif "value" in ours:
            why = reference.only_ours(ours["value"], error)
            kind = why and f"read by Tweedie alone: {why}"
        elif error is not None:
            kind = "refused by both" if ours["code"] != "raw" else None
        else:
            why = reference.only_reference(ours, found, data)
            kind = why and f"read by the reference alone: {why}"
        if kind is None:
            unexplained.append((ours["index"], ours.get("message", "read"), repr(error)[:200], data[:200]))
        kinds[kind or "WITHOUT A REASON"] += 1
    for kind, number in kinds.most_common():
        print(f"{number:8d}  {kind}")
    for index, message, error, data in unexplained[:12]:
        print(f"\ninput {index}: ours: {message}\n  reference: {error}\n  {data!r}")
    sys.exit(1 if unexplained or process.wait() != 0 else 0)


main()
