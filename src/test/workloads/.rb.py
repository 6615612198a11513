def f(x): return x+1
while True:
    s=0
    for i in range(2000): s=f(s)
