package io.perfagent.python.inject.x86_64;

import static io.perfagent.python.inject.x86_64.Register.RAX;
import static io.perfagent.python.inject.x86_64.Register.RBP;
import static io.perfagent.python.inject.x86_64.Register.RSP;

import io.perfagent.python.inject.MapGuard;

/** {@code void *init(void)} and {@code void write(void *state, const void *address, unsigned size, PyCodeObject *)}, see {@link MapGuard}. */
final class X86MapGuard {
    private static final byte[] ENDBR64 = {(byte) 0xf3, 0x0f, 0x1e, (byte) 0xfa};

    private X86MapGuard() {}

    static MapGuard.Code assemble(long write, long closeMap) {
        Assembler code = new Assembler().data(MapGuard.Code.MAGIC).data(write);
        int atInit = code.size();
        code.data(ENDBR64).zero(RAX).ret();
        int atWrite = code.size();
        code.data(ENDBR64)
                .push(RBP)
                .move(RBP, RSP)
                .call(write)
                .call(closeMap)
                .pop(RBP)
                .ret();
        return new MapGuard.Code(code.assemble(), atInit, atWrite);
    }
}
