package io.perfagent.unwind.table;

import io.perfagent.bpf.abi.RuleLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A {@code struct unwind_rule} of {@code bpf/abi.h}; the fields are documented there and drawn in {@link RuleLayout}.
 *
 * @param cfaOp an {@code enum cfa_op}
 * @param cfaRegister DWARF number
 * @param rbpOp an {@code enum saved_op}
 * @param rbxOp an {@code enum saved_op}
 * @param cfaOffset bytes
 * @param cfaAddend bytes
 * @param rbpOffset bytes
 * @param rbxOffset bytes
 * @param raOffset of the return address from the CFA, bytes
 */
public record EncodedRule(
        int cfaOp,
        int cfaRegister,
        int rbpOp,
        int rbxOp,
        int cfaOffset,
        int cfaAddend,
        int rbpOffset,
        int rbxOffset,
        int raOffset) {
    /** All registers come from the ucontext that rsp points to. */
    public static final EncodedRule SIGNAL = new EncodedRule(RuleLayout.CFA_SIGNAL, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Spelled out, with {@link #hashCode}: those that the JVM makes for a record cost 10 ms when it has just started. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EncodedRule rule
                && ops() == rule.ops()
                && cfaOffset == rule.cfaOffset
                && cfaAddend == rule.cfaAddend
                && rbpOffset == rule.rbpOffset
                && rbxOffset == rule.rbxOffset
                && raOffset == rule.raOffset;
    }

    @Override
    public int hashCode() {
        return ((((ops() * 31 + cfaOffset) * 31 + cfaAddend) * 31 + rbpOffset) * 31 + rbxOffset) * 31 + raOffset;
    }

    private int ops() {
        return cfaOp | cfaRegister << 8 | rbpOp << 16 | rbxOp << 24;
    }

    /** Writes the {@link RuleLayout#SIZE} bytes of the rule at a position of a little-endian buffer. */
    public void write(ByteBuffer into, int position) {
        into.put(position + RuleLayout.CFA_OP, (byte) cfaOp);
        into.put(position + RuleLayout.CFA_REGISTER_NUMBER, (byte) cfaRegister);
        into.put(position + RuleLayout.RBP_OP, (byte) rbpOp);
        into.put(position + RuleLayout.RBX_OP, (byte) rbxOp);
        into.putInt(position + RuleLayout.CFA_OFFSET, cfaOffset);
        into.putInt(position + RuleLayout.CFA_ADDEND, cfaAddend);
        into.putInt(position + RuleLayout.RBP_OFFSET, rbpOffset);
        into.putInt(position + RuleLayout.RBX_OFFSET, rbxOffset);
        into.putInt(position + RuleLayout.RA_OFFSET, raOffset);
    }
}
