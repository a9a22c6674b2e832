// The compiled loop of one instruction set; compiled once for each, with MYOTOME_INSTRUCTION_SET its
// name.

#include "loop.hpp"

#define MYOTOME_TEXT_(x) #x
#define MYOTOME_TEXT(x) MYOTOME_TEXT_(x)
#define MYOTOME_JOIN_(a, b) a##b
#define MYOTOME_JOIN(a, b) MYOTOME_JOIN_(a, b)

namespace myotome {

extern const LoopKernels MYOTOME_JOIN(loop_, MYOTOME_INSTRUCTION_SET);
const LoopKernels MYOTOME_JOIN(loop_, MYOTOME_INSTRUCTION_SET) = {
    MYOTOME_TEXT(MYOTOME_INSTRUCTION_SET),
    {loop_bytes<float>, advance_person<float>},
    {loop_bytes<double>, advance_person<double>},
};

}  // namespace myotome
