/*
 * Runs the injected routine without an interpreter, a tracer or luck: one thread with a known value in every register is sent into it
 * and looked at when it comes back. Both looks are the kernel's own, signal frames of an illegal instruction before and after, so
 * that what is compared passed through no code of the routine's.
 *
 *   this program                                       whoever started it
 *   "function ADDRESS" of each fake, "block", …   ──→
 *                                                 ←──  code, block, mask, signals, answers, "go"
 *   depart: fills all registers, illegal instruction
 *   handler: keeps the frame, sets pc = code
 *     routine runs, calls the fakes, which destroy what a C function may
 *   arrive: illegal instruction at the return pc
 *   handler: keeps the frame
 *   "call …", "differs …", "block …", …           ──→
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ucontext.h>

enum { FAKES = 19, MAX_CALLS = 64, MAX_SIGNALS = 65, STACK = 256 << 10, ABOVE = 64 << 10, PAGE = 4096, BREAKER = 1024, BLOCK = 128 };

/* In the order of the record PythonCalls. */
enum fake {
    UNCHECKED_THREAD_STATE,
    IS_INITIALIZED,
    IS_FINALIZING,
    ENSURE,
    RELEASE,
    RUN_STRING,
    ADD_PENDING_CALL,
    MAIN_INTERPRETER,
    GET_EVAL_FRAME,
    SET_EVAL_FRAME,
    TAKE_EXCEPTION,
    RESTORE_EXCEPTION,
    CURRENT_INTERPRETER,
    CLOSE_MAP,
    NEW_DICT,
    EXCEPTION_MATCHES,
    DROP_REFERENCE,
    ENCODE_ERROR,
    EVAL_FRAME_DEFAULT
};

static const char *const NAMES[FAKES] = {
    "uncheckedThreadState", "isInitialized",   "isFinalizing", "ensure",       "release",       "runString",        "addPendingCall",
    "mainInterpreter",      "getEvalFrame",    "setEvalFrame", "takeException", "restoreException", "currentInterpreter",
    "closeMap",             "newDict",         "exceptionMatches", "dropReference", "encodeError",  "evalFrameDefault",
};

/* What the fakes answer; a later "answer" line changes them. */
static long answers[FAKES] = {
    [IS_INITIALIZED] = 1, [ENSURE] = 0x67116c, [MAIN_INTERPRETER] = 0x1abe1, [TAKE_EXCEPTION] = 0xe8ce9,
    [CURRENT_INTERPRETER] = 0x1abe1, [NEW_DICT] = 0xd1c7,
};

static struct { long index, arguments[4]; } calls[MAX_CALLS];
static int call_count;
static long evaluator;
static long (*pending)(long);
static long pending_argument;
static char text[1024];
static int raised, denied;
static int handled[MAX_SIGNALS], handled_before[MAX_SIGNALS];
static const char *complaint = "";

extern char return_point[], interrupted_point[];
extern long python_functions[FAKES];
long called(long index, long first, long second, long third, long fourth, long state);

#if defined(__x86_64__)
#include "x86_64.h"
#elif defined(__aarch64__)
#include "aarch64.h"
#endif

static struct snapshot before, after;
static sigjmp_buf home;
static char *code, *block, *stack;
static int state_offset;
static uint64_t mask_after;
static const char *arrived_at;

/* Everything that the routine calls ends here. Flags and stack must be as the ABI wants them. */
long called(long index, long first, long second, long third, long fourth, long state)
{
    if (call_count < MAX_CALLS) {
        const long arguments[4] = {first, second, third, fourth};
        calls[call_count].index = index;
        memcpy(calls[call_count++].arguments, arguments, sizeof arguments);
    }
    if (state != CALLABLE)
        complaint = NAMES[index];
    switch (index) {
    case IS_INITIALIZED:
        if (raised)
            raise(raised);
        break;
    case ADD_PENDING_CALL:
        pending = (long (*)(long))second;
        pending_argument = third;
        break;
    case RUN_STRING:
        strncpy(text, (const char *)first, sizeof text - 1);
        evaluator = answers[RUN_STRING];
        break;
    case GET_EVAL_FRAME:
        return evaluator;
    case SET_EVAL_FRAME:
        evaluator = second ? second : python_functions[EVAL_FRAME_DEFAULT];
        break;
    }
    return answers[index];
}

static void count(int signal)
{
    handled[signal]++;
}

static uint64_t mask_of(const ucontext_t *context)
{
    uint64_t mask;
    memcpy(&mask, &context->uc_sigmask, sizeof mask);
    return mask;
}

/* An illegal instruction: on departure the first time, on arrival the second. */
static void illegal(int number, siginfo_t *info, void *argument)
{
    ucontext_t *context = argument;
    uintptr_t pc = program_counter(context);
    (void)info;
    if (pc == (uintptr_t)departure) {
        take(&before, context);
        send(context, (uintptr_t)code, &before);
        if (state_offset)
            memcpy(block + state_offset, &before.processor_state, sizeof(uint32_t));
        return;
    }
    if (arrived_at) { /* a third time: the routine is at fault */
        signal(number, SIG_DFL);
        return;
    }
    take(&after, context);
    mask_after = mask_of(context);
    memcpy(handled_before, handled, sizeof handled); /* what was blocked is not any more once home */
    arrived_at = pc == (uintptr_t)return_point ? "return" : pc == (uintptr_t)interrupted_point ? "interrupted" : "elsewhere";
    siglongjmp(home, 1);
}

static void handle(int signal, int flags, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags | SA_ONSTACK};
    sigaction(signal, &action, NULL);
}

static void *map(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return at;
}

static void unhex(char *to, const char *hex)
{
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        *to++ = (char)byte;
}

static void introduce(void)
{
    for (int index = 0; index < FAKES; index++)
        printf("function %lx\n", python_functions[index]);
    printf("block %" PRIxPTR "\nreturn %" PRIxPTR "\ninterrupted %" PRIxPTR "\nvectors %x\ngo\n", (uintptr_t)block,
           (uintptr_t)return_point, (uintptr_t)interrupted_point, vector_bytes());
    fflush(stdout);
}

static uint64_t listen(void)
{
    static char line[16384], value[16384];
    uint64_t mask = 0;
    long first, second;
    while (fgets(line, sizeof line, stdin) && strcmp(line, "go\n")) {
        if (sscanf(line, "code %s", value) == 1)
            unhex(code, value);
        else if (sscanf(line, "block %s", value) == 1)
            unhex(block, value);
        else if (sscanf(line, "state %ld", &first) == 1)
            state_offset = (int)first;
        else if (sscanf(line, "mask %" SCNx64, &mask) == 1)
            continue;
        else if (sscanf(line, "answer %ld %lx", &first, &second) == 2)
            answers[first] = second;
        else if (sscanf(line, "evaluator %lx", &first) == 1)
            evaluator = first;
        else if (sscanf(line, "raise %ld", &first) == 1)
            raised = (int)first;
        else if (sscanf(line, "handler %ld %lx", &first, &second) == 2)
            handle((int)first, (int)second, count);
        else if (!strcmp(line, "deny\n"))
            denied = 1;
        else if (sscanf(line, "ignore %ld", &first) == 1)
            handle((int)first, 0, SIG_IGN);
    }
    return mask;
}

static void print_calls(const char *word)
{
    for (int index = 0; index < call_count; index++) {
        const long *arguments = calls[index].arguments;
        printf("%s %s %lx %lx %lx %lx\n", word, NAMES[calls[index].index], arguments[0], arguments[1], arguments[2], arguments[3]);
    }
}

static void print_block(void)
{
    printf("breaker %02x\nblock ", (unsigned char)block[BREAKER]);
    for (int index = 0; index < BLOCK; index++)
        printf("%02x", (unsigned char)block[index]);
    printf("\n");
}

static void report(const char *stack_pointer, const stack_t *signal_stack, uint64_t mask)
{
    stack_t now;
    sigaltstack(NULL, &now);
    print_calls("call");
    compare(&before, &after);
    for (const char *at = stack_pointer - RED_ZONE; at < stack + STACK; at++)
        if (*at != (char)(uintptr_t)at)
            printf("differs stack%+td\n", at - stack_pointer);
    if (now.ss_sp != signal_stack->ss_sp || now.ss_size != signal_stack->ss_size || now.ss_flags != signal_stack->ss_flags)
        printf("differs signal stack\n");
    if (mask_after != mask)
        printf("differs mask: %" PRIx64 " %" PRIx64 "\n", mask, mask_after);
    if (*complaint)
        printf("differs ABI at the call of %s\n", complaint);
    for (int signal = 1; signal < MAX_SIGNALS; signal++)
        if (handled_before[signal])
            printf("handled %d %d\n", signal, handled_before[signal]);
    printf("arrived %s\nresult %" PRIx64 "\n", arrived_at, after.result);
    if (*text)
        printf("text %zu\n", strlen(text));
    print_block();
}

static void run_pending(void)
{
    call_count = 0;
    long changed = call_checked(pending, pending_argument);
    print_calls("pending");
    if (changed)
        printf("differs %lx after the pending call\n", changed);
    print_block();
}

int main(void)
{
    stack_t signal_stack = {.ss_size = 128 << 10};
    struct sigaction action = {.sa_sigaction = illegal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    code = map(PAGE);
    block = map(PAGE);
    stack = map(STACK);
    signal_stack.ss_sp = map(signal_stack.ss_size);
    sigaltstack(&signal_stack, NULL);
    sigaction(SIGILL, &action, NULL);
    evaluator = python_functions[EVAL_FRAME_DEFAULT];
    introduce();
    uint64_t mask = listen();
    block[BREAKER] = 0x41;
    mprotect(code, PAGE, EXECUTABLE);
    if (denied && prctl(65, 1, 0, 0, 0)) /* PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN */
        perror("prctl");
    for (char *at = stack; at < stack + STACK; at++)
        *at = (char)(uintptr_t)at;
    char *stack_pointer = stack + STACK - ABOVE;
    if (sigsetjmp(home, 1) == 0) {
        sigset_t set;
        sigemptyset(&set);
        memcpy(&set, &mask, sizeof mask);
        sigprocmask(SIG_SETMASK, &set, NULL);
        depart(stack_pointer);
    }
    report(stack_pointer, &signal_stack, mask);
    if (pending)
        run_pending();
    printf("done\n");
    return 0;
}
