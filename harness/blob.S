/* The data of the built-in embedders, compiled into the library. */
	.section .rodata

	.globl blob_idf
	.type blob_idf, %object
	.balign 64
blob_idf:
	.incbin "fixtures/embedding/idf.bin"
	.size blob_idf, . - blob_idf

	.section .note.GNU-stack, "", %progbits
