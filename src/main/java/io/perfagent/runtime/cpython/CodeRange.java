package io.perfagent.runtime.cpython;

/**
 * Addresses of code.
 *
 * @param end exclusive
 */
record CodeRange(long start, long end) {
    boolean contains(long address) {
        return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }

    CodeRange plus(long bias) {
        return new CodeRange(start + bias, end + bias);
    }
}
