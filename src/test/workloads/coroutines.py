"""leaf <- third <- second <- first, awaited in eight tasks of asyncio; and below an asynchronous generator, manager and loop."""  # starts: <module>

# chain: leaf <- third <- second <- first <- task tasks <- ... <- <module>
# chain: leaf <- numbers <- consumer <- task generator <- ... <- <module>
# chain: leaf <- Manager.__aenter__ <- managed <- task manager <- ... <- <module>
# chain: leaf <- callback <- ... <- <module>

import asyncio

import truth


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


async def third(n):  # starts: third
    await asyncio.sleep(0)
    return leaf(n)  # line: third


async def second(n):  # starts: second
    return await third(n) ^ 1  # line: second


async def first(n):  # starts: first
    return await second(n) ^ 1  # line: first


async def numbers(n):  # starts: numbers
    for i in range(n):
        await asyncio.sleep(0)
        yield leaf(6000) ^ i  # line: numbers


async def consumer(n):  # starts: consumer
    async for number in numbers(n):  # line: consumer
        assert number >= 0


class Manager:
    async def __aenter__(self):  # starts: Manager.__aenter__
        await asyncio.sleep(0)
        return leaf(6000)  # line: Manager.__aenter__

    async def __aexit__(self, *exception):
        return False


async def managed():  # starts: managed
    async with Manager() as number:  # line: managed
        assert number >= 0


def callback():  # starts: callback
    leaf(6000)  # line: callback


async def task(end):  # starts: task
    while truth.time.monotonic() < end:
        await first(6000)  # line: task tasks
        await consumer(3)  # line: task generator
        await managed()  # line: task manager
        asyncio.get_event_loop().call_soon(callback)


async def tasks():
    await asyncio.wait([asyncio.ensure_future(task(end)) for _ in range(8)])


end = truth.deadline()
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
print("ready", flush=True)
loop.run_until_complete(tasks())  # line: <module>
