"""Instructions are counted in the loop that does the work."""

from limit import Counted, instructions_of_loop

ASSEMBLY = """
kernel:
    vbroadcastss (%rdi), %zmm0
    vbroadcastss (%rsi), %zmm1
.L3:
    vaddps %zmm9, %zmm9, %zmm9
.L2:
    vmovups (%rax), %zmm2
    vmulps %zmm0, %zmm2, %zmm2
    vaddps 64(%rax), %zmm2, %zmm2
    vcmpps $1, %zmm1, %zmm2, %k1
    kandw %k1, %k2, %k1
    vmulss %xmm0, %xmm1, %xmm1
    vmovaps %zmm2, (%rax)
    addq $64, %rax
    jne .L2
    jne .L3
    jmp .L9
.L9:
    vaddps %zmm0, %zmm0, %zmm0
    ret
"""


def test_vector_arithmetic_of_the_innermost_loop_is_counted():
    assert instructions_of_loop(ASSEMBLY) == Counted(arithmetic=3, moves=2)


def test_a_function_without_a_loop_has_nothing_to_count():
    assert instructions_of_loop(ASSEMBLY[ASSEMBLY.index(".L9:\n") :]) == Counted(0, 0)
