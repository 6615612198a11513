package io.perfagent.python.inject.aarch64;

import static io.perfagent.python.inject.aarch64.Register.SP;
import static io.perfagent.python.inject.aarch64.Register.X0;
import static io.perfagent.python.inject.aarch64.Register.X29;
import static io.perfagent.python.inject.aarch64.Register.X30;

import io.perfagent.python.inject.MapGuard;

/** {@code void *init(void)} and {@code void write(void *state, const void *address, unsigned size, PyCodeObject *)}, see {@link MapGuard}. */
final class Aarch64MapGuard {
    private static final int FRAME = 16;

    private Aarch64MapGuard() {}

    static MapGuard.Code assemble(long write, long closeMap) {
        Assembler code = new Assembler().data(MapGuard.Code.MAGIC).data(write);
        int atInit = code.size();
        code.landingPad().move(X0, 0).ret();
        int atWrite = code.size();
        code.landingPad().pushPair(X29, X30, FRAME).add(X29, SP, 0);
        code.call(write).call(closeMap).popPair(X29, X30, FRAME).ret();
        return new MapGuard.Code(code.assemble(), atInit, atWrite);
    }
}
