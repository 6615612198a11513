package io.perfagent.cli;

import java.io.PrintStream;
import picocli.CommandLine;

/** What {@code --help} says, and what is said without arguments. The commands' own are made of their options. */
final class Help {
    /** A screen of 24 lines: the commands that are wanted most, and the options. */
    static final String SHORT = """
            perf-agent profiles running processes: complete native stacks, Python names.

              sudo perf-agent --pid 4711 --duration 30    a process, for 30 s
              sudo perf-agent --name gunicorn             a Python service, by its name
              sudo perf-agent top gunicorn                what runs, live in the terminal
              perf-agent check -a                         whose Python functions have names

            What to profile:
              -p, --pid N...          processes by PID, with those that they started
              -n, --name NAME...      processes by the name of program, script or module
              -a, --all               every process
            How:
              -d, --duration D        30, 0.5s, 2m, 1m30s (10s)
              -r, --sample-rate HZ    samples per second and CPU (99)
              -o, --profile-output F  where the profile goes, - for standard output

            With -o app.html it is a page with a flame graph. All else: perf-agent --help
            """;

    static final String FULL = """
            Usage: perf-agent (--pid N... | --name NAME... | -a) [options]
                   perf-agent top (--pid N... | NAME... | -a)
                   perf-agent run [--every D] [--directory DIR] [--listen PORT] [--check-config]
                   perf-agent check (--pid N... | --name NAME... | -a) [--json]
                   perf-agent dump (--pid N... | --name NAME...) [--json]
                   perf-agent off (--pid N... | --name NAME...)
                   perf-agent view FILE.pb.gz [-o FILE]
                   perf-agent diff BEFORE.pb.gz AFTER.pb.gz [-o FILE]
                   perf-agent demo
                   perf-agent help [COMMAND]
            Profiles running processes: complete native stacks, Python names, flame graphs and pprof.

            What to profile:
              -p, --pid N...        processes by host PID, and those that they have started;
                                    several, commas and repetition allowed
              -n, --name NAME...    processes by the name of their program, script or module;
                                    perf-agent itself and what runs it are left out
              -a, --all             every process
                  --no-children     leave out what the targets have started or start

            How:
                  --profile         sample on-CPU stacks, which is done unless one of --off-cpu, --wall
                                    and --pmu is alone
              -d, --duration D      how long: 30, 0.5s, 2m, 1m30s (default: 10s)
              -r, --sample-rate HZ  samples per second and CPU, 1 to 10000 (default: 99);
                                    --rate is the same
              -e, --event NAME      take samples at this instead of a clock: task-clock, page-faults,
                                    minor-faults, major-faults, context-switches, cpu-migrations,
                                    cycles, instructions, cache-misses, branch-misses, or a
                                    tracepoint such as syscalls:sys_enter_openat
              -c, --period N        a sample for so many of them, which it stands for (default: each;
                                    30000000 cycles or instructions, 10000 misses)
                  --unwind HOW      dwarf: by call-frame information, fp: by frame pointers, auto:
                                    the first, with the second where a rule says so (default)

            Where threads wait:
                  --off-cpu         record waits: their stacks, how long, what for; with --profile
                                    beside the profile of the CPU; --offcpu is the same
                  --off-cpu-min D   leave out waits that are shorter: 50us, 1ms (default: none)
                  --off-cpu-threshold D
                                    shorter waits are recorded by chance, and stand for so long:
                                    less is more of them (default: 10ms)
                  --wakers          who ended each wait, too: thread and stack, below [woken by …];
                                    with --wall as well
                  --off-cpu-output FILE
                                    where that profile goes, as -o; --offcpu-output is the same
                                    (default: <comm>-<yyyyMMddHHmm>-off-cpu.pb.gz, or as -o says
                                    where it is the only one)

            All time of threads:
                  --wall            record it in one profile: on the CPU and off it, what for, and
                                    all of it, so that it adds up to the wall clock
                  --wall-min D      leave out threads that run for less: 1ms (default: none)

            What is counted:
                  --pmu             print at the end how long threads were on a CPU and waited for one,
                                    why they left it, migrations, page faults, cycles and
                                    instructions; without --profile that is all that is done
                  --per-pid         each process on its own, too
                  --pmu-output FILE where that goes, auto for a name that is made up
                                    (default: standard output)

            Python functions:
                  --python-frames HOW
                                    auto: name them, with lines, by reading the interpreter's
                                    frames, CPython 3.6 to 3.15 (default), or off
                  --inject-python   name them through CPython's perf trampoline as well, 3.12 and
                                    later, switched on in the running process and off at the end
                  --keep-trampoline leave the trampoline on at the end

            The profile:
              -o, --profile-output FILE
                                    where it goes, - for standard output; may be repeated;
                                    --output is the same
                                    (default: <comm>-<yyyyMMddHHmm>-on-cpu.pb.gz)
              -f, --format FORMAT   what it is written as; the name of FILE says it, too:
                                    pprof       .pb.gz, for go tool pprof (default)
                                    html        .html, a page with a flame graph
                                    folded      .folded, .collapsed, .txt: stacks as text
                                    speedscope  .speedscope.json, for speedscope.app
                                    firefox     .firefox.json.gz, for profiler.firefox.com
                                    perf        .perf.data, for perf report and perf script
                  --fold-python     leave out the interpreter's own frames between Python
                                    functions; a page does so until it is told otherwise
                  --tag K=V         recorded in it; repeatable
                  --push STORE+URL  send it to a store, too: parca+https://host:7070,
                                    pyroscope+https://host:4040, otlp+https://host:4318; behind a
                                    comma ca=FILE, token-file=FILE, basic-file=FILE (user:password),
                                    headers-file=FILE, tenant=NAME; repeatable

            Else:
              -v, --verbose         print the walker's own figures at the end
              -h, --help            show this
              -V, --version         show the version

            Commands:
              top    show in a terminal which functions, lines and threads run
              run    profile without end, into files of which the oldest go; for a service
              check  say for each process whether its Python functions would have names; touch none
              dump   show where each thread of a process is now, waiting ones too; stop none
              off    switch trampolines off that a killed run has left on
              diff   show what has grown and shrunk between two pprof files
              view   show a pprof file, whoever wrote it, as a table or as a page
              demo   profile a small Python web service under load for 10 s

            Ctrl-C, and each signal that asks to end, ends a run early and writes what there is.
            Exit status: 0 profile written, 1 could not start or write, 2 wrong usage.
            """;

    private Help() {}

    static void print(CommandLine command, PrintStream out) {
        if (command.getParent() == null) {
            out.print(FULL);
        } else {
            command.usage(out);
        }
    }
}
