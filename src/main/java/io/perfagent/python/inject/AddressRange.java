package io.perfagent.python.inject;

/**
 * A piece of code or data.
 *
 * @param start first address
 * @param end address after the last
 */
public record AddressRange(long start, long end) {
    public boolean contains(long address) {
        return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }

    public AddressRange plus(long bias) {
        return new AddressRange(start + bias, end + bias);
    }
}
