"""A library's code that is busy below Python: the argument names the work. leaf <- work <- handler <- <module>."""

import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"


def matmul():
    import numpy

    a = numpy.random.rand(700, 700)
    return lambda: a @ a


def solve():
    import numpy

    a = numpy.random.rand(500, 500)
    return lambda: numpy.linalg.solve(a, a)


def float32():
    import numpy

    a = numpy.random.rand(700, 700).astype("float32")
    return lambda: a @ a


def picture():
    import random

    from PIL import Image

    random.seed(1)
    small = Image.frombytes("RGB", (160, 120), random.randbytes(160 * 120 * 3))
    return small.resize((1280, 960))


def encode():
    import io

    image = picture()
    return lambda: image.save(io.BytesIO(), "JPEG", quality=85)


def decode():
    import io

    from PIL import Image

    file = io.BytesIO()
    picture().save(file, "JPEG", quality=85)
    return lambda: Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def progressive():
    import io

    from PIL import Image

    file = io.BytesIO()
    picture().save(file, "JPEG", quality=85, progressive=True)
    return lambda: Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def dft():
    import cv2
    import numpy

    cv2.setNumThreads(1)
    a = numpy.random.rand(512, 512).astype("float32")
    return lambda: cv2.dft(a)


def gemm():
    import cv2
    import numpy

    cv2.setNumThreads(1)
    a = numpy.random.rand(400, 400)
    return lambda: cv2.gemm(a, a, 1, None, 0)


def jpeg():
    import cv2
    import numpy

    cv2.setNumThreads(1)
    image = numpy.asarray(picture())
    return lambda: cv2.imdecode(cv2.imencode(".jpg", image)[1], cv2.IMREAD_COLOR)


def loop():
    import numba

    @numba.njit
    def leaf(n):
        total = 0
        for i in range(n):
            total = (total * 7 + i) % 1000003
        return total

    return lambda: leaf(1_000_000)


def nested():
    import numba

    @numba.njit(inline="never")
    def leaf(n):
        total = 0
        for i in range(n):
            total = (total * 7 + i) % 1000003
        return total

    @numba.njit
    def middle(n):
        total = 0
        for i in range(20):
            total += leaf(n)
        return total

    return lambda: middle(100_000)


def tls():
    import ssl
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        key, certificate = os.path.join(directory, "key"), os.path.join(directory, "certificate")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=name", "-days", "2"]
            + ["-keyout", key, "-out", certificate],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(certificate, key)
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname = False
    asking.verify_mode = ssl.CERT_NONE
    for context in serving, asking:
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    asking.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(back, there)
    server = serving.wrap_bio(there, back, server_side=True)
    for side in client, server, client, server:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
    data = bytes(1 << 20)

    def bulk():
        client.write(data)
        left = len(data)
        while left:
            left -= len(server.read(1 << 16))

    return bulk


def x264():
    import io

    import av
    import numpy

    pictures = numpy.random.default_rng(1).integers(0, 255, (8, 45, 80, 3), "uint8").repeat(8, 1).repeat(8, 2)

    def video():
        container = av.open(io.BytesIO(), "w", "matroska")
        stream = container.add_stream("libx264", rate=25, options={"threads": "1", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt, stream.thread_count = 640, 360, "yuv420p", 1
        for i in range(48):
            frame = av.VideoFrame.from_ndarray(numpy.roll(pictures[i % 8], 3 * i, axis=(0, 1)), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        container.close()

    return video


def torch_of(make):
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    return make(torch)


def torch_mm():
    def make(torch):
        a = torch.rand(700, 700)
        return lambda: a @ a

    return torch_of(make)


def torch_bf16():
    def make(torch):
        a = torch.rand(512, 512).to(torch.bfloat16)
        return lambda: a @ a

    return torch_of(make)


def torch_lstm():
    def make(torch):
        model, data = torch.nn.LSTM(256, 256, 2), torch.rand(50, 8, 256)
        return lambda: model(data)

    return torch_of(make)


def torch_cnn():
    def make(torch):
        model = torch.nn.Sequential(
            torch.nn.Conv2d(3, 32, 3), torch.nn.ReLU(), torch.nn.Conv2d(32, 64, 3), torch.nn.ReLU()
        )
        data = torch.rand(2, 3, 96, 96)
        return lambda: model(data)

    return torch_of(make)


def work(call):
    call()


def handler(call):
    for _ in range(4):
        work(call)


busy = globals()[sys.argv[1]]()
busy()
print("ready", flush=True)
while True:
    handler(busy)
