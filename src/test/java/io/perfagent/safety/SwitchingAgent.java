package io.perfagent.safety;

import io.perfagent.python.PythonActivator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * Runs in a virtual machine of its own: says when it waits, reads a process's number, switches it on and off until it is killed, and says
 * when it is warm.
 */
final class SwitchingAgent {
    static final char WAITS = '?';
    static final char SWITCHES = '!';

    private SwitchingAgent() {}

    public static void main(String[] arguments) throws IOException {
        try (PythonActivator activator = new PythonActivator();
                BufferedReader input =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            activator.inspect(
                    (int) ProcessHandle.current().pid()); // which is no Python, but loads most of what is needed
            say(WAITS);
            int pid = Integer.parseInt(input.readLine());
            activator.activate(pid);
            say(SWITCHES);
            while (true) {
                activator.deactivate(pid);
                activator.activate(pid);
            }
        }
    }

    private static void say(char word) {
        System.out.write(word);
        System.out.flush();
    }
}
