package io.perfagent.safety;

import io.perfagent.python.PythonActivator;

/** Runs in a virtual machine of its own: switches a process on and off until it is killed, and says when it is warm. */
final class SwitchingAgent {
    private SwitchingAgent() {}

    public static void main(String[] arguments) {
        int pid = Integer.parseInt(arguments[0]);
        try (PythonActivator activator = new PythonActivator()) {
            activator.activate(pid);
            System.out.write('!');
            System.out.flush();
            while (true) {
                activator.deactivate(pid);
                activator.activate(pid);
            }
        }
    }
}
