package io.perfagent.bpf.walker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Faults planted in the walker's source, one at a time: the cases of {@link WalkerTest} must notice each. */
class PlantedFaultsTest {
    /** One place of a file that reads {@code right} is made to read {@code wrong}. */
    private record Fault(String file, String right, String wrong) {}

    private static final List<Fault> FAULTS = List.of(
            // registers and rows
            new Fault("walker.h", "walk->pc = return_address - 1;", "walk->pc = return_address;"),
            new Fault("walker.h", "return_address, cfa);", "return_address, cfa + 8);"),
            new Fault("walker.h", "(u64)((s64)(address << 4) >> 4)", "address << 4 >> 4"),
            new Fault("walker.h", "walk->exact = 0;", ""),
            new Fault("walker.h", "if (cfa < walk->sp + !walk->exact)", "if (cfa < walk->sp)"),
            new Fault("walker.h", "if (cfa < walk->sp + !walk->exact)", "if (cfa <= walk->sp)"),
            new Fault("walker.h", "if (!return_address)", "if (return_address == 1)"),
            // code that the process has made
            new Fault("made.h", "walk->process.flags & PROCESS_FRAME_POINTERS", "0"),
            new Fault("made.h", "known && known->hash == hash && returns", "known && returns"),
            new Fault("made.h", "walk->exact ? walk->pc : walk->pc + 1", "walk->pc"),
            new Fault("walker.h", "!walk->made &&", ""),
            new Fault("made.h", "hash_of_code(walk) == known->returns_hash", "1"),
            new Fault("made.h", "address + known->returns", "address"),
            new Fault("made.h", "return known->row;", "return 0;"),
            new Fault("made.h", "bpf_map_update_elem(&made_code, key, &asked, 0);", "(void)asked;"),
            new Fault("made.h", "i < sizeof walk->code", "i < sizeof walk->code - 8"),
            // functions that only jump
            new Fault(
                    "made.h",
                    "known && known->hash == hash) {\n        return known->row == LEADS",
                    "known) {\n        return known->row == LEADS"),
            new Fault("made.h", "known->row == LEADS_THERE && (walk->pc", "(walk->pc"),
            new Fault("made.h", " && (walk->pc & ((1 << JUMP_BLOCK_SHIFT) - 1)) >= known->returns;", ";"),
            new Fault("made.h", "return known->row == LEADS_THERE", "return 0"),
            new Fault("made.h", "walk->record.pid, walk->pc >> JUMP_BLOCK_SHIFT};", "walk->record.pid, 1};"),
            new Fault("walker.h", "walk->callee = target;", "walk->callee = address;"),
            new Fault("walker.h", " && !callee_leads_here();", ";"),
            // where a stack is complete
            new Fault("walker.h", "begins || stack_end(at) - at <= LAST_WORDS", "1"),
            new Fault("walker.h", "begins || stack_end(at) - at <= LAST_WORDS", "begins"),
            new Fault("walker.h", "stack_end(at) - at <= LAST_WORDS", "stack_end(at) - at < LAST_WORDS"),
            new Fault("walker.h", "stack_end(at) - at <= LAST_WORDS", "stack_end(at) - at <= LAST_WORDS + 8"),
            new Fault("walker.h", "begins || stack_end", "stack_end"),
            new Fault("walker.h", "walk->unsure |= several;", ""),
            new Fault("walker.h", "if (rule == stop(END_NO_RULE) && several)", "if (0)"),
            new Fault("walker.h", "rbp - walk->sp > 8 * MOST_LOOKED_AT", "0"),
            new Fault("walker.h", "(rbp - walk->sp) / 8, find", "(rbp - walk->sp) / 16, find"),
            new Fault("walker.h", "walk->jumped = 0;", ""),
            new Fault("walker.h", ": may_be_code(walk->pc, word));", ": 1);"),
            new Fault("walker.h", "&& is_return_address(word) &&", "&&"),
            new Fault("tables.h", " || is_mapped(address);\n}", ";\n}"),
            new Fault("tables.h", "address - near + CODE_REGION < 2 * CODE_REGION ||", ""),
            new Fault("walker.h", "walk->code[3] == CALL_RELATIVE && distance", "distance"),
            new Fault("walker.h", "CALL_RELATIVE && distance <= LARGEST_FUNCTION ?", "CALL_RELATIVE ?"),
            new Fault("walker.h", "walk->called == NOT_CALLED ||", ""),
            new Fault("walker.h", "(walk->called == NOT_CALLED || distance_from_call(walk, word) < walk->called)", "1"),
            new Fault(
                    "walker.h",
                    "distance_from_call(walk, word) < walk->called",
                    "distance_from_call(walk, word) <= walk->called"),
            new Fault("walker.h", "keeps && rule != stop(END_NO_MAPPING) ?", "keeps ?"),
            new Fault("walker.h", "keeps && rule != stop(END_NO_MAPPING) ?", "rule != stop(END_NO_MAPPING) ?"),
            new Fault("walker.h", "|| ((u32)code == ENDBR64 && code >> 32 == PUSH_MOV)", ""),
            new Fault("walker.h", "distance_from_call(walk, address) == NOT_CALLED", "0"),
            new Fault("walker.h", "walk->sp <= FIRST_FRAMES, none", "walk->sp <= 2 * FIRST_FRAMES, none"),
            new Fault("walker.h", "if (near && (none || exits(walk)))", "if (none || exits(walk))"),
            new Fault("walker.h", "if (near && (none || exits(walk)))", "if (near && none)"),
            new Fault("walker.h", "if (near && (none || exits(walk)))", "if (near)"),
            new Fault("walker.h", "if (near && (none || exits(walk)))", "if (near && exits(walk))"),
            new Fault("walker.h", "if (!none || rule == stop(END_NO_RULE))", "if (!none)"),
            new Fault("walker.h", "if (!none || rule == stop(END_NO_RULE))", "if (rule == stop(END_NO_RULE))"),
            new Fault("walker.h", "    walk->unsure = 1;\n    return stop", "    return stop"),
            new Fault("walker.h", "if (walk->exact) {\n        return rule;", "if (0) {\n        return rule;"),
            new Fault("walker.h", "!(walk->process.flags & PROCESS_FRAME_POINTERS) && may", "may"),
            new Fault("walker.h", "ends_chain(walk, cfa) ? END_OF_STACK :", ""),
            new Fault("walker.h", "cfa == 16 && !walk->exact", "cfa == 16"),
            new Fault("sample.h", "walk->unsure = config.unwind_mode == MODE_FP;", "walk->unsure = 0;"),
            new Fault("sample.h", "walk->unsure = config.unwind_mode == MODE_FP;", ""),
            new Fault("sample.h", "record->guessed = walk->unsure != 0;", "record->guessed = 0;"),
            new Fault("walker.h", "op == CFA_SHARED && walk->exact &&", "op == CFA_SHARED &&"),
            new Fault("walker.h", "if (op == CFA_SHARED &&", "if (0 &&"),
            new Fault("walker.h", "!returns_behind_call(return_address_at, 0) && returns", "returns"),
            new Fault("walker.h", "&& row_at(address - 1) == row_rule(rule)", ""),
            new Fault("walker.h", "cfa - 8 * words : now", "cfa - 8 * words : NOT_SAVED"),
            new Fault("walker.h", "words ? cfa - 8 * words", "words ? cfa - 8 * words - 8"),
            new Fault("walker.h", "walk->rbx_at = saved_below(cfa, rule, walk->rbx_at);", ""),
            // ordinary frames
            new Fault("walker.h", "!holds(entry, hash) || op", "op"),
            new Fault("walker.h", "op == ROW_RBP && !look_up(walk, rbp_at, &base)", "0"),
            new Fault("walker.h", "cfa <= sp || !look_up", "!look_up"),
            new Fault("walker.h", "&return_address) || !return_address)", "&return_address))"),
            new Fault("walker.h", "rbp_at = saved_below(cfa, rule >> ROW_RBP_SHIFT, rbp_at);", ""),
            new Fault("walker.h", "rbx_at = saved_below(cfa, rule, rbx_at);", ""),
            new Fault(
                    "walker.h",
                    "at > STACK_WINDOW - 8 || address - walk->window_start >= walk->window_size",
                    "at > STACK_WINDOW - 8"),
            new Fault("walker.h", "*at = NOT_SAVED;\n    return 0;", "return 0;"),
            new Fault("walker.h", "if (*at == VALUE_UNKNOWN)", "if (*at == ~0ULL)"),
            new Fault("walker.h", "if (!(walk->exact || is_tentative(walk)) || number", "if (number"),
            new Fault("walker.h", "ROW_RBP && load_register(walk, REG_RBP", "ROW_RBP && load_register(walk, REG_RSP"),
            new Fault("walker.h", "walk->rbx = rbx;", ""),
            // made code that keeps frame pointers
            new Fault("walker.h", "if (place == FRAME_HALF_MADE)", "if (0)"),
            new Fault("walker.h", "place != IN_FRAME && returns", "returns"),
            new Fault("walker.h", "walk->unsure |= returns && place == FRAME_TAKEN_DOWN;", ""),
            new Fault(
                    "walker.h",
                    "returns_behind_call(walk->sp, 0) | holds_return_address(walk->rbp, 1)",
                    "returns_behind_call(walk->sp, 0)"),
            new Fault(
                    "walker.h",
                    "returns_behind_call(walk->sp, 0) | holds_return_address(walk->rbp, 1)",
                    "holds_return_address(walk->rbp, 1)"),
            new Fault("walker.h", "walk->described_only ? is_described(word) :", ""),
            new Fault("walker.h", "!(walk->described_only && walk->code[3] == CALL_RELATIVE) &&", ""),
            new Fault(
                    "walker.h",
                    "walk->unsure |= found == CALLED_ELSEWHERE && !own_frame && !callee_leads_here();",
                    "walk->unsure |= found == CALLED_ELSEWHERE && !callee_leads_here();"),
            new Fault("walker.h", "walk->process.flags & PROCESS_MAKES_FRAMES && !may", "!may"),
            new Fault("walker.h", "PROCESS_MAKES_FRAMES && !may_be_mapped_by_now(walk)", "PROCESS_MAKES_FRAMES"),
            new Fault("code.h", "at[0] == 0xc3 || at[0] == 0xc2 ||", "at[0] == 0xc3 ||"),
            new Fault("code.h", "at[0] == 0xc3 || at[0] == 0xc2 ||", "at[0] == 0xc2 ||"),
            new Fault("code.h", "i + 4 <= size", "i + 4 < size"),
            // the dictionary
            new Fault("walker.h", "u64 pc = walk->exact ? walk->pc : walk->pc + 1;", "u64 pc = walk->pc;"),
            new Fault("walker.h", "(pc & 15) >= ", "(pc & 15) > "),
            new Fault("walker.h", "(walk->cfa & -8ULL) + rule->cfa_addend;", "walk->cfa & -8ULL;"),
            new Fault("walker.h", "? rbp + offset", "? cfa + offset"),
            new Fault("walker.h", "op == SAVED_UNDEFINED ? VALUE_UNKNOWN", "op == SAVED_UNDEFINED ? now"),
            new Fault("walker.h", "rule->rbx_op == SAVED_AT_RBP;", "0;"),
            new Fault("walker.h", "cfa, cfa + rule->ra_offset", "cfa, cfa - 8"),
            new Fault("walker.h", "walk->sp &= (moves | is_zero(op ^ CFA_OTHER_STACK)) - 1ULL;", ""),
            new Fault("walker.h", "if (op == CFA_POPPED) {", "if (0) {"),
            new Fault(
                    "walker.h",
                    "enter_caller(walk, return_address, walk->sp + cfa_offset)",
                    "enter_caller(walk, return_address, walk->sp)"),
            new Fault(
                    "walker.h",
                    "if (!walk->exact) {\n        return finish(walk, END_UNKNOWN_REGISTER);",
                    "if (0) {\n        return finish(walk, END_UNKNOWN_REGISTER);"),
            new Fault("walker.h", "walk->sp &= (moves | is_zero(op ^ CFA_OTHER_STACK)) - 1ULL;", "walk->sp = 0;"),
            // signals
            new Fault("walker.h", "(void *)(walk->sp + 40)", "(void *)(walk->sp + 48)"),
            new Fault("walker.h", "walk->registers[REG_RDX] = saved[12];", "walk->registers[REG_RDX] = saved[13];"),
            new Fault("walker.h", "(signal && !walk->exact)", "0"),
            new Fault("walker.h", "enter_exact(walk, saved[16],", "enter_exact(walk, saved[16] - 1,"),
            // the stack's memory
            new Fault("walker.h", "if (at > STACK_WINDOW - 8)", "if (0)"),
            new Fault("walker.h", "if (address < walk->sp || ", "if (1 || "),
            new Fault("walker.h", "size = STACK_WINDOW - from", "size = STACK_WINDOW"),
            new Fault("walker.h", "walk->window_start = line;", "walk->window_start = line + 64;"),
            new Fault("walker.h", "walk->window_size = size;", "walk->window_size = size + 8;"),
            new Fault("walker.h", "walk->window + from, size", "walk->window, size"),
            new Fault("walker.h", "walk->user_frames >= MAX_USER_FRAMES", "walk->user_frames >= MAX_USER_FRAMES - 1"),
            new Fault("walker.h", "walk->user_frames >= MAX_USER_FRAMES", "0"),
            new Fault("sample.h", "walk->window_size = 0;", ""),
            new Fault("sample.h", "walk->mapping.end = 0;", ""),
            // tables
            new Fault("tables.h", "bits < 15", "bits < 12"),
            new Fault("tables.h", "bits < 12", "bits < 11"),
            new Fault("tables.h", "start <= address ? half : 0", "start < address ? half : 0"),
            new Fault("tables.h", "&& address < walk->mapping.end", "&& address <= walk->mapping.end"),
            new Fault("tables.h", "(row - offset - 1) >> 31", "(row - offset) >> 31"),
            new Fault("tables.h", "if (page >= mapping->page_count)", "if (page > mapping->page_count)"),
            new Fault("tables.h", "(address - mapping->bias) & 0xfff", "address & 0xff"),
            new Fault("tables.h", "|| low >= high)", ")"),
            new Fault("tables.h", "u32 *words = slab_of(low);", "u32 *words = slab_of(high);"),
            new Fault("tables.h", "number = word / SLAB_WORDS", "number = word / SLAB_WORDS | 1"),
            new Fault("tables.h", "if (!words || !count)", "if (!words)"),
            // code
            new Fault("code.h", "#define ENDBR64 0xfa1e0ff3ULL", "#define ENDBR64 0xfb1e0ff3ULL"),
            new Fault("code.h", "in_page < CODE_BEFORE ? in_page : CODE_BEFORE", "CODE_BEFORE"),
            new Fault("code.h", "4096 - in_page < CODE_AFTER ? 4096 - in_page : CODE_AFTER", "CODE_AFTER"),
            new Fault("code.h", "u64 address = walk->exact ? walk->pc : walk->pc + 1;", "u64 address = walk->pc + 1;"),
            new Fault(
                    "code.h",
                    "    if (!walk->exact) {\n        return row_after_call(at);\n    }",
                    "    return row_after_call(at);"),
            new Fault("code.h", "saves || loads || leaves", "saves || loads"),
            new Fault("code.h", "saves || loads || leaves", "saves || leaves"),
            new Fault("code.h", "saves || loads || leaves", "loads || leaves"),
            new Fault("code.h", "? row_rsp(2, 2) : bytes_at(at + 2, 5)", "? row_rsp(2, 0) : bytes_at(at + 2, 5)"),
            new Fault("code.h", "bytes_at(at - 4, 5) == ADD_RSP_8_RET", "0"),
            new Fault("code.h", "at[-1] == 0x5d", "at[-1] == 0x5e"),
            // rules that are checked
            new Fault("walker.h", "if ((checked | moves) && refuses_caller", "if (moves && refuses_caller"),
            new Fault(
                    "walker.h", "walk->unsure |= found == CALLED_ELSEWHERE && !own_frame && !callee_leads_here();", ""),
            new Fault("walker.h", "found != CALLED && found < WALK_END_COUNT && finish", "finish"),
            new Fault("walker.h", "found < WALK_END_COUNT && finish", "finish"),
            new Fault("walker.h", "if (!address) {\n        return CALLED_BY_NOBODY;", "if (0) {\n        return 0;"),
            new Fault("walker.h", "CALL_RELATIVE && !ends_with_indirect_call(walk->code + 8)", "CALL_RELATIVE"),
            new Fault("walker.h", "if (direct && walk->pc - target", "if (walk->pc - target"),
            new Fault("walker.h", "direct && walk->pc - target <= LARGEST_FUNCTION", "direct"),
            new Fault("walker.h", "if (!is_mapped(address - 1) && !makes_code(walk))", "if (0)"),
            new Fault("walker.h", "if (!is_mapped(address - 1) && !makes_code(walk))", "if (!is_mapped(address - 1))"),
            new Fault("walker.h", "may_be_mapped_by_now(walk) ? END_NO_MAPPING : END_NOT_CALLED", "END_NOT_CALLED"),
            new Fault("walker.h", "may_be_mapped_by_now(walk) ? END_NO_MAPPING : END_NOT_CALLED", "END_NO_MAPPING"),
            new Fault("walker.h", "!direct || jumps_to_frame(target)", "!direct"),
            new Fault("walker.h", "!is_mapped(target) && !makes_code(walk)", "0"),
            new Fault("walker.h", "!is_mapped(target) && !makes_code(walk)", "!is_mapped(target)"),
            new Fault("walker.h", "first_stack() - walk->sp <= FIRST_FRAMES && row_at", "row_at"),
            new Fault(
                    "walker.h",
                    "walk->sp <= FIRST_FRAMES && row_at(address - 1) == stop(END_OF_STACK)",
                    "walk->sp <= FIRST_FRAMES"),
            new Fault("walker.h", "return begins || is_interpreter", "return is_interpreter"),
            new Fault("walker.h", "begins || is_interpreter(walk, target) ?", "begins ?"),
            new Fault(
                    "walker.h",
                    "row >> ROW_OP_SHIFT != ROW_RULE || is_mapped(walk->pc)",
                    "row >> ROW_OP_SHIFT != ROW_RULE"),
            new Fault("walker.h", "return rule->cfa_op == CFA_SHARED;", "return 1;"),
            new Fault("walker.h", "(walk->cfa & -8ULL) + rule", "walk->cfa + rule"),
            new Fault("walker.h", "others && !has_frame_by_code()", "others"),
            new Fault(
                    "walker.h",
                    "&& rule->cfa_register == REG_RBP && rule->cfa_offset == 16",
                    "&& rule->cfa_offset == 16"),
            new Fault(
                    "walker.h",
                    "rule->cfa_register == REG_RBP && rule->cfa_offset == 16",
                    "rule->cfa_register == REG_RBP"),
            new Fault("walker.h", "|| newborn_thread() ?", "?"),
            new Fault("walker.h", "*(u32 *)walk->code == ENDBR64 ? 4 : 0", "0"),
            new Fault("walker.h", "at += walk->code[at] == BND;", ""),
            new Fault("walker.h", "*(u16 *)jump == JUMP_RIP_RELATIVE", "1"),
            new Fault("walker.h", "*jump == JUMP_RELATIVE", "0"),
            new Fault("walker.h", "i < MOST_JUMPS", "i < 1"),
            new Fault("walker.h", "*at == PUSH_RBP || *at == RET || next == ENDBR64", "*at == RET || next == ENDBR64"),
            new Fault("walker.h", "*at == PUSH_RBP || *at == RET || next == ENDBR64", "*at == PUSH_RBP || *at == RET"),
            new Fault("walker.h", "*at == PUSH_RBP || *at == RET || next", "*at == PUSH_RBP || next"),
            new Fault("walker.h", " || (next & 0xffffff) == MOV_RBP_RSP_LOAD", ""),
            new Fault("walker.h", "!words && check_caller(walk->sp) == CALLED", "0"),
            new Fault("walker.h", "walk->unsure |= !is_surely_on_top(walk, index);", ""),
            new Fault("walker.h", " && !returns_behind_call(walk->sp + 8, 0)", ""),
            new Fault(
                    "walker.h",
                    "if (row_at(address - 1) == row_rule(index)) {\n        return 1;",
                    "if (0) {\n        return 1;"),
            new Fault("walker.h", "check_caller(walk->sp) == CALLED", "returns_behind_call(walk->sp, 0)"),
            new Fault(
                    "walker.h",
                    "walk->rbp_at = words == 1 ? walk->rbp_at : cfa - 16;",
                    "walk->rbp_at = words ? walk->rbp_at : cfa - 16;"),
            new Fault("walker.h", "if (!words && !frame_pointer_plausible(walk, 0))", "if (0)"),
            new Fault(
                    "walker.h",
                    "walk->rbp_at = words == 1 ? walk->rbp_at : cfa - 16;",
                    "walk->rbp_at = words == 2 ? cfa - 16 : walk->rbp_at;"),
            new Fault("walker.h", "return refuses_caller(walk, cfa - 8, !walk->exact) || go", "return go"),
            // registers that a leaf has left alone
            new Fault("walker.h", "walk->exact_at = walk->user_frames;", "walk->exact_at = 0;"),
            new Fault("walker.h", "walk->user_frames == walk->exact_at + 2", "1"),
            new Fault("walker.h", "walk->user_frames == walk->exact_at + 2", "0"),
            new Fault("walker.h", " || !(walk->exact || kept);", ";"),
            new Fault("copy.h", "to->tentative = is_tentative(walk);", "to->tentative = 0;"),
            // elements, and stacks that lie lower
            new Fault("walker.h", "& (op != CFA_ELEMENT);", "& 1;"),
            new Fault("walker.h", "rule->cfa_register / REGISTERS, &words", "register_of(rule), &words"),
            new Fault("walker.h", "op != CFA_DEREF && op != CFA_ELEMENT", "op != CFA_DEREF"),
            new Fault("walker.h", "return op == CFA_DEREF || (op", "return (op"),
            new Fault("walker.h", "&& number != REG_RSP && number != REG_RBP", "&& 0"),
            new Fault("walker.h", "(checked | moves) && refuses", "checked && refuses"),
            new Fault("walker.h", "walk->moved |= moves;", ""),
            new Fault("sample.h", "walk->moved = 0;", ""),
            // words that are no return addresses
            new Fault("walker.h", "if (!leads_to_code(walk->sp)) {", "if (0) {"),
            new Fault("walker.h", "if (!leads_to_code(walk->rbp + 8)) {", "if (0) {"),
            new Fault("walker.h", "!address || makes_code(walk) || is_mapped", "!address || is_mapped"),
            new Fault("walker.h", " && guess != stop(END_NO_MAPPING);", ";"),
            new Fault("walker.h", "return unmapped && !walk->exact && !is_return_address(walk->pc + 1);", "return 0;"),
            new Fault("walker.h", "&& !walk->exact && !is_return_address(walk->pc + 1)", "&& !walk->exact"),
            new Fault("walker.h", "(rule == stop(END_BAD_CODE) && !is_mapped(walk->pc))", "0"),
            new Fault("walker.h", "walk->made_up = first == rule;", ""),
            new Fault("walker.h", "walk->user_frames -= walk->made_up;", ""),
            new Fault("sample.h", "|| config.unwind_mode != MODE_AUTO) {", ") {"),
            new Fault("sample.h", "    walk->user_frames = 0;\n    begin(walk);", "    begin(walk);"),
            new Fault("sample.h", "walk->guessed += rule >> ROW_OP_SHIFT != ROW_STOP;", ""),
            new Fault("sample.h", "&& !leaves_leaf_by_guess();", ";"),
            new Fault("sample.h", "walk->rbp_at = rbp;", ""),
            // guesses
            new Fault("walker.h", "end[-5] ^ CALL", "end[-4] ^ CALL"),
            new Fault("walker.h", "length <= 7", "length <= 6"),
            new Fault("walker.h", "length = 2; length", "length = 3; length"),
            new Fault("walker.h", "& 0x38) ^ 0x10", "& 0x10) ^ 0x10"),
            new Fault("walker.h", "&& rbp - walk->sp <= LARGEST_FRAME", ""),
            new Fault("walker.h", "&& !(rbp & 7)", ""),
            new Fault("walker.h", "!returns_behind_call(walk->sp, 0)", "!returns_behind_call(walk->sp, 1)"),
            new Fault("walker.h", "returns_behind_call(rbp + 8, may_end)", "returns_behind_call(rbp + 8, 0)"),
            new Fault("walker.h", "returns_behind_call(rbp + 8, may_end)", "returns_behind_call(rbp + 8, 1)"),
            new Fault("walker.h", "config.unwind_mode != MODE_AUTO ||", ""),
            new Fault("walker.h", "|| !walk->exact || !returns_behind", "|| !returns_behind"),
            new Fault("walker.h", "?: guess_by_frame_pointer(rule);", "?: rule;"),
            new Fault("walker.h", "if (config.unwind_mode == MODE_FP)", "if (0)"),
            new Fault("walker.h", "guess != rule && guess != stop", "guess != stop"),
            new Fault("sample.h", "walk->guessed = 0;", ""),
            // JVMs
            new Fault("hotspot.h", "row_rsp(words, 2) : computed", "row_rsp(words, 0) : computed"),
            new Fault("hotspot.h", "words <= LONGEST_ROW ?", "1 ?"),
            new Fault("hotspot.h", ": computed(walk, cfa, cfa - 8,", ": computed(walk, cfa, cfa - 16,"),
            new Fault("hotspot.h", "read_stack(walk, rbp - 8, &sp)", "read_stack(walk, rbp - 16, &sp)"),
            new Fault("hotspot.h", "walk->rbp_at = rbp;", ""),
            new Fault(
                    "hotspot.h",
                    "enter_caller(walk, caller->return_address,",
                    "enter_caller(walk, caller->return_address + 1,"),
            new Fault("hotspot.h", "walk->unsure = 1;", ""),
            new Fault("hotspot.h", "segment -= back;", "segment--;"),
            new Fault("hotspot.h", "readable && field_of(walk, jvm->used)", "readable"),
            new Fault("hotspot.h", "? r13\n", "? 0\n"),
            new Fault("hotspot.h", "<= MOST_ARGUMENT_BYTES ? walk->rbx", "<= MOST_ARGUMENT_BYTES ? 0"),
            new Fault("hotspot.h", "passed > sp ? passed : sp + 8, sp", "sp + 8, sp"),
            new Fault("hotspot.h", "is_return_address(rax) ? rax :", ""),
            new Fault("hotspot.h", "!behind && is_return", "is_return"),
            new Fault("hotspot.h", "&& words[0];", ";"),
            new Fault("hotspot.h", "rbp - walk->sp >= 16 && words[0]", "0"),
            new Fault("hotspot.h", "walk->rbp == at - 8 ?", "1 ?"),
            new Fault("hotspot.h", "words <= 0 || returns_behind_call(at + 8 * words, 0)", "1"),
            new Fault("hotspot.h", "i < MOST_PUSHED", "i < 1"),
            new Fault("hotspot.h", "pushed < MOST_ON_TOP", "pushed < 2"),
            new Fault("hotspot.h", "return row_of_frame(walk, words + pushed);", "return row_of_frame(walk, words);"),
            new Fault("hotspot.h", "row_frame_pointer() | 9", "row_frame_pointer()"),
            new Fault("hotspot.h", "letters == I2C_C2I", "0"),
            new Fault("hotspot.h", "at[-1] == PUSH_RBP ||", ""),
            new Fault("hotspot.h", "*at == RET ||", ""),
            new Fault("hotspot.h", "next == BYTES_POLL_32 ||", ""),
            new Fault("hotspot.h", "next == BYTES_POLL_8 ||", ""),
            new Fault("hotspot.h", "|| popped", ""),
            new Fault("hotspot.h", "|| polled", ""),
            new Fault("hotspot.h", "*at == POP_RBP && added", "0"),
            new Fault("hotspot.h", "walk->pc = entry - 1;", ""),
            new Fault("hotspot.h", "is_return_address(walk->pc + 1) ||", "1 ||"),
            new Fault("walker.h", "(jvm && in_interpreter(jvm, address)) ||", ""),
            new Fault("walker.h", "rule != row_rule(COMPUTED_RULE) &&", ""),
            // frames of CPython
            new Fault("sample.h", "(negative >> 63) * (MAX_USER_FRAMES - 1)", "0"),
            new Fault("python.h", "from = from > page ? from : page;", ""),
            new Fault("python.h", "at->above - frame < PYTHON_WINDOW_BYTES", "0"),
            new Fault(
                    "python.h",
                    "walk->cpython.shape >= PYTHON_ENTRIES && at->above",
                    "at->above - frame < 0 && at->above"),
            new Fault("python.h", "inside + walk->cpython.frame_size > at->window_size ||", ""),
            new Fault("python.h", " || inside > at->window_size", ""),
            new Fault("python.h", "inside = at->frame - at->window_start;\n    }", "}"),
            new Fault("python.h", "at->window_size = 0;", ""),
            new Fault("python.h", "known->code == code &&", ""),
            new Fault("python.h", " || known->epoch != at->epoch", ""),
            new Fault("python.h", "same && known->tag == tag", "same"),
            new Fault("python.h", "counter - 1 < MOST_COUNTED ?", "counter ?"),
            new Fault("python.h", "counter - 1 < MOST_COUNTED ?", "1 ?"),
            new Fault("python.h", " && !walk->reading.thread.many) {\n        bpf", ") {\n        bpf"),
            new Fault("python.h", " | (now >> EPOCH_SHIFT) % (1U << 31)", ""),
            new Fault("python.h", "py->code_counter ?: walk->reading.thread", "walk->reading.thread"),
            new Fault("python.h", "(u64)counter << 31", "1ULL << 31"),
            new Fault("python.h", "place_of_thread(at)->key = key;", ""),
            new Fault("python.h", "thread_word(walk, py->thread_id) != walk->reading.fs_base", "0"),
            new Fault("python.h", "!read_word(before, &link) && link == state", "1"),
            new Fault("python.h", "(code + py->tag_start)", "code"),
            new Fault("python.h", "i < py->tag_count", "i < 1"),
            new Fault("python.h", "!py->text_data || copy->file[py->text_data % SENT_TEXT_BYTES] != '<'", "0"),
            new Fault(
                    "python.h",
                    "copy->objects[5] = word_in(head, py->function_module",
                    "copy->objects[5] = word_in(head, py->function_name"),
            // copies of stacks
            new Fault("copy.h", "(walk->sp - RED_ZONE)", "walk->sp"),
            new Fault("copy.h", "walk->sp & ~4095ULL", "walk->sp & ~7ULL"),
            new Fault("copy.h", "*to_at = NOT_SAVED;", ""),
            new Fault("copy.h", "(half - used) / RING_PART", "(half - used)"),
            new Fault("copy.h", "used < half ?", "1 ?"),
            new Fault("copy.h", "tried >= room ||", ""),
            new Fault("copy.h", "holes |= hole << i;", ""),
            new Fault("copy.h", "stopped->holes = walk->holes;", ""),
            new Fault("copy.h", "stopped->goes_on = copied >= room;", "stopped->goes_on = 0;"),
            new Fault("copy.h", "copy_stack(end - LAST_COPY_BYTES, to,", "copy_stack(end - LAST_COPY_BYTES - 8, to,"),
            new Fault("copy.h", "walk->record.copied = 0;", ""),
            new Fault("copy.h", "walk->end == END_NO_PROCESS ||", ""),
            new Fault("copy.h", "walk->end == END_TABLE_PENDING ||", ""),
            new Fault("copy.h", " && !(walk->process.flags & PROCESS_MAKES_CODE)", ""),
            new Fault("copy.h", "stack < room ? stack : room", "room"),
            new Fault("copy.h", "to->exact = walk->exact;", "to->exact = 0;"),
            new Fault("copy.h", "read_leaf_registers();", ""),
            new Fault("code.h", "bytes_at(behind - 2, 6) == SYSCALL_TEST_JL && ", ""),
            new Fault("code.h", " && behind[5] == JE", ""),
            new Fault("code.h", "tests_clone(at - 3) || ", ""),
            new Fault("code.h", " || tests_clone(at - 5)", ""),
            new Fault("walker.h", "walk->pc != regs->rip || ", ""),
            new Fault("walker.h", " || regs->rax) {\n        return 0;", ") {\n        return 0;"),
            new Fault("sample.h", "if (stack_is_replaced(walk, regs)) {", "if (0) {"),
            new Fault("sample.h", "walk->record.in_kernel && (call == 59", "(call == 59"),
            new Fault("sample.h", "(call == 59 || call == 322) &&", "1 &&"),
            new Fault("sample.h", " || call == 322", ""),
            new Fault("copy.h", "to->newborn = newborn_thread();", "to->newborn = 0;"),
            new Fault("walker.h", "if (rule == stop(END_NO_MAPPING) && may_be_mapped_by_now(walk))", "if (0)"),
            new Fault("sample.h", "            begin(walk);\n        }", "        }"),
            // the cache, and what is around the walk
            new Fault("cache.h", "(entry ^ hash) >> HASH_SHIFT == 0", "entry != 0"),
            new Fault("cache.h", "+ walk->salt", ""),
            new Fault("cache.h", " | LEAF_BLOCK", ""),
            new Fault("cache.h", "walk->pc & -(u64)BLOCK_BYTES", "walk->pc"),
            new Fault("tables.h", "row >> ROW_OFFSET_SHIFT <= block &&", ""),
            new Fault("tables.h", "&& block + BLOCK_BYTES <= next", ""),
            new Fault("tables.h", "at + 1 < end", "at + 2 < end"),
            new Fault("walker.h", "(!walk->exact || walk->whole_block)", "1"),
            new Fault("walker.h", "ROW_STOP && rule != stop(END_OF_STACK)", "ROW_STOP"),
            new Fault("walker.h", "call == 56 ||", ""),
            new Fault("walker.h", "walk->record.in_kernel ? call == 56", "1 ? call == 56"),
            new Fault("walker.h", "return or_guess(walk, rule);\n    }", "rule = or_guess(walk, rule);\n    }"),
            new Fault("sample.h", "kernel_frames % (2 * MAX_KERNEL_FRAMES)", "kernel_frames % MAX_KERNEL_FRAMES"),
            new Fault("sample.h", "walk->registers_read = 0;", ""),
            new Fault("walker.h", "!(walk->registers_read || read_leaf_registers())", "!read_leaf_registers()"),
            new Fault("walker.h", "!(walk->registers_read || read_leaf_registers())", "0"),
            new Fault("sample.h", "if (task->flags & PF_KTHREAD ||", "if ("),
            new Fault("sample.h", "|| !task->mm)", ")"),
            new Fault("sample.h", "|| !wide)", ")"),
            new Fault("sample.h", "MAX_USER_FRAMES + 1, next_frame", "400, next_frame"));

    /** Each takes a compiler a third of a second: {@code make test} takes one in this many, {@code make faults} all. */
    private static final int PART = Integer.getInteger("faults.part", 16);

    private final ExecutorService compilers =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());

    @AfterEach
    void end() {
        compilers.shutdownNow();
    }

    /** As many at a time as there are processors. */
    @TestFactory
    List<DynamicTest> faultsAreNoticed() {
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < FAULTS.size(); i += PART) {
            Fault fault = FAULTS.get(i);
            String name = fault.file + ": " + fault.right + " → " + fault.wrong;
            Future<Boolean> noticed = compilers.submit(() -> noticed(fault));
            tests.add(DynamicTest.dynamicTest(
                    name.replace('\n', ' '),
                    () -> assertThat(noticed.get()).as("a case that fails").isTrue()));
        }
        return tests;
    }

    /** Of those as well that are planted by {@code make faults} only. */
    @Test
    void eachFaultHasItsPlace() throws Exception {
        for (Fault fault : FAULTS) {
            String _ = WalkerBuild.planted(fault.file, fault.right, fault.wrong);
        }
    }

    /** The opposite: what changes nothing is not noticed. */
    @Test
    void sameCodeIsNoFault() throws Exception {
        assertThat(noticed(new Fault("walker.h", "return_address, cfa);", "return_address, cfa + 0);")))
                .isFalse();
    }

    private static boolean noticed(Fault fault) throws Exception {
        try (HostWalker walker = HostWalker.faulty(fault.file, fault.right, fault.wrong)) {
            for (WalkCase one : WalkCases.all()) {
                if (fails(one, walker)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean fails(WalkCase one, HostWalker walker) {
        try {
            one.check().on(walker);
            return false;
        } catch (AssertionError | RuntimeException _) {
            return true;
        }
    }
}
