package io.perfagent.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The types of a BPF object, from its .BTF section (Documentation/bpf/btf.rst of the kernel): what clang made of bpf/abi.h.
 *
 * <pre>
 *   header: magic u16 │ version u8 │ flags u8 │ hdr_len │ type_off │ type_len │ str_off │ str_len
 *   type:   name_off │ info: vlen 0-15, kind 24-28, kind_flag 31 │ size or type │ … by kind
 * </pre>
 */
final class Btf {
    record Member(String name, long offsetBits, int type) {}

    record Struct(String name, long size, List<Member> members) {}

    private final ByteBuffer bytes;
    private final int strings;
    private final Map<String, Struct> structs = new LinkedHashMap<>();
    private final Map<String, Map<String, Integer>> enums = new LinkedHashMap<>();

    Btf(ByteBuffer section) {
        bytes = section.order(ByteOrder.LITTLE_ENDIAN);
        int header = bytes.getInt(4);
        int types = header + bytes.getInt(8);
        int end = types + bytes.getInt(12);
        strings = header + bytes.getInt(16);
        int at = types;
        while (at < end) {
            at = read(at);
        }
    }

    Struct struct(String name) {
        return present(structs.get(name), name);
    }

    Map<String, Integer> enumeration(String name) {
        return present(enums.get(name), name);
    }

    private static <T> T present(T found, String name) {
        if (found == null) {
            throw new AssertionError(name + " is not in the object's BTF");
        }
        return found;
    }

    private int read(int at) {
        String name = string(bytes.getInt(at));
        int info = bytes.getInt(at + 4);
        int count = info & 0xffff;
        int kind = info >> 24 & 0x1f;
        int body = at + 12;
        return switch (kind) {
            case 1, 14, 17 -> body + 4; // int, var, decl_tag
            case 3 -> body + 12; // array
            case 4, 5 -> readStruct(name, bytes.getInt(at + 8), body, count);
            case 6 -> readEnum(name, body, count);
            case 13 -> body + 8 * count; // func_proto
            case 15, 19 -> body + 12 * count; // datasec, enum64
            default -> body; // ptr, fwd, typedef, qualifiers, func, float
        };
    }

    private int readStruct(String name, long size, int body, int count) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = body + 12 * i;
            members.add(new Member(string(bytes.getInt(at)), bytes.getInt(at + 8) & 0xffffff, bytes.getInt(at + 4)));
        }
        structs.putIfAbsent(name, new Struct(name, size, members));
        return body + 12 * count;
    }

    private int readEnum(String name, int body, int count) {
        Map<String, Integer> constants = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            constants.put(string(bytes.getInt(body + 8 * i)), bytes.getInt(body + 8 * i + 4));
        }
        enums.putIfAbsent(name, constants);
        return body + 8 * count;
    }

    private String string(int offset) {
        int start = strings + offset;
        int end = start;
        while (bytes.get(end) != 0) {
            end++;
        }
        byte[] name = new byte[end - start];
        bytes.get(start, name);
        return new String(name, StandardCharsets.UTF_8);
    }
}
