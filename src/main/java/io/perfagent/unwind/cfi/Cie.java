package io.perfagent.unwind.cfi;

/**
 * A common information entry: what its FDEs share.
 *
 * @param codeAlignment factor of location advances, 1 to 255
 * @param dataAlignment factor of offsets, −32,768 to 32,767
 * @param returnAddress DWARF number of the column that holds the return address
 * @param pointerEncoding of the FDEs' addresses
 * @param augmented whether FDEs have augmentation data before their instructions
 * @param signalFrame whether the frame was made by the kernel for a signal handler (augmentation {@code S})
 * @param from position of the initial instructions in the section
 * @param to their end, exclusive
 * @param initial the state after them: what every FDE begins with and what DW_CFA_restore returns to
 */
public record Cie(
        int codeAlignment,
        int dataAlignment,
        int returnAddress,
        int pointerEncoding,
        boolean augmented,
        boolean signalFrame,
        int from,
        int to,
        FrameState initial) {}
