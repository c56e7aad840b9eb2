/* The data of the built-in embedders, compiled into the library. */
	.section .rodata

	.globl blob_idf
	.type blob_idf, %object
	.balign 64
blob_idf:
	.incbin "fixtures/embedding/idf.bin"
	.size blob_idf, . - blob_idf

	.globl blob_table, blob_table_end
	.type blob_table, %object
	.balign 64
blob_table:
	.incbin "fixtures/embedding/table.bin"
	.size blob_table, . - blob_table
blob_table_end:
	.byte 0

	.section .note.GNU-stack, "", %progbits
