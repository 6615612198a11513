import sys,time
def f(x): return x+1
def g():
    s=0
    for i in range(2000): s=f(s)
while True:
    g(); time.sleep(0.005)
