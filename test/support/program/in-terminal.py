"""Runs a program in a terminal of its own: in-terminal.py PLAN PROGRAM WORDS...

PLAN is a JSON list of [what to wait for, what to type]; instead of a text to type, {"signal": N} sends a signal.
The terminal is as wide as COLUMNS names, where that is set.
Prints a JSON object: what the terminal showed, the exit status, and whether the terminal echoes afterwards.
"""
import fcntl, json, os, pty, re, select, struct, sys, termios, time

plan = json.loads(sys.argv[1])
leader, follower = pty.openpty()
if "COLUMNS" in os.environ:
    size = struct.pack("HHHH", 24, int(os.environ.pop("COLUMNS")), 0, 0)
    fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
before = termios.tcgetattr(follower)
child = os.fork()
if child == 0:
    os.setsid()
    os.close(leader)
    fcntl.ioctl(follower, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(follower, number)
    os.execvp(sys.argv[2], sys.argv[2:])

shown = b""
hidden = []
status = None
until = time.time() + 60
while time.time() < until:
    if select.select([leader], [], [], 0.05)[0]:
        try:
            shown += os.read(leader, 65536)
        except OSError:
            break
    if plan and re.search(plan[0][0].encode(), shown):
        step = plan.pop(0)[1]
        hidden.append((termios.tcgetattr(follower)[3] & termios.ECHO) == 0)
        if isinstance(step, dict):
            os.kill(child, step["signal"])
        else:
            os.write(leader, step.encode())
    done, code = os.waitpid(child, os.WNOHANG)
    if done:
        status = os.waitstatus_to_exitcode(code)
        while select.select([leader], [], [], 0.05)[0]:
            shown += os.read(leader, 65536)
        break
after = termios.tcgetattr(follower)
print(
    json.dumps(
        {
            "shown": shown.decode("utf8", "replace"),
            "status": status,
            "hidden": hidden,
            "restored": after[3] == before[3] and bool(after[3] & termios.ECHO),
        }
    )
)
