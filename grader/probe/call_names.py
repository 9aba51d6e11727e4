"""PyTorch's functions by name (torch 2.13), and the neutral kinds they stand for."""

from __future__ import annotations

ACTIVATIONS = {
    "relu": "relu",
    "relu_": "relu",
    "relu6": "relu6",
    "sigmoid": "sigmoid",
    "sigmoid_": "sigmoid",
    "special_expit": "sigmoid",
    "tanh": "tanh",
    "tanh_": "tanh",
    "gelu": "gelu",
    "elu": "elu",
    "elu_": "elu",
    "selu": "selu",
    "selu_": "selu",
    "celu": "celu",
    "silu": "silu",
    "mish": "mish",
    "softplus": "softplus",
    "softsign": "softsign",
    "hardswish": "hard_silu",
    "hardsigmoid": "hard_sigmoid",
    "leaky_relu": "leaky_relu",
    "leaky_relu_": "leaky_relu",
    "prelu": "prelu",
    "rrelu": "rrelu",
    "glu": "glu",
    "logsigmoid": "log_sigmoid",
    "log_sigmoid": "log_sigmoid",
    "log_sigmoid_forward": "log_sigmoid",
    "_prelu_kernel": "prelu",
    "_softmax": "softmax",
    "_log_softmax": "log_softmax",
    "softmax": "softmax",
    "special_softmax": "softmax",
    "log_softmax": "log_softmax",
    "special_log_softmax": "log_softmax",
    "log": "log",
    "exp": "exponential",
}
_BY_KIND = {
    "reshape": "view reshape view_as reshape_as squeeze squeeze_ unsqueeze unsqueeze_ expand "
    "expand_as repeat repeat_interleave tile unflatten atleast_2d ravel broadcast_to interpolate "
    "upsample pixel_shuffle unfold _unsafe_view _reshape_alias",
    "flatten": "flatten",
    "transpose": "transpose permute swapaxes swapdims t T mT flip fliplr flipud roll movedim",
    "slice": "__getitem__ select narrow chunk split unbind tensor_split index_select gather take "
    "split_with_sizes _pad_packed_sequence hsplit slice",
    "cast": "float double half to type type_as long int one_hot cuda cpu bool _to_copy",
    "identity": "contiguous clone detach data requires_grad_ real alias positive",
    "padding": "pad constant_pad_nd",
    "batch-norm": "batch_norm native_batch_norm _native_batch_norm_legit_no_training",
    "layer-norm": "layer_norm native_layer_norm",
    "group-norm": "group_norm native_group_norm",
    "instance-norm": "instance_norm",
    "rms-norm": "rms_norm",
    "max-pool": "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d "
    "adaptive_max_pool3d amax max max_pool1d_with_indices max_pool2d_with_indices "
    "adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices",
    "average-pool": "avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d "
    "adaptive_avg_pool3d mean _adaptive_avg_pool2d _adaptive_avg_pool3d",
    "concatenate": "cat concat concatenate stack hstack vstack column_stack",
    "dense": "linear",
    "conv": "convolution",
    "conv1d": "conv1d",
    "conv2d": "conv2d",
    "conv3d": "conv3d",
    "conv-transpose": "conv_transpose1d conv_transpose2d conv_transpose3d",
    "embedding": "embedding embedding_bag",
    "recurrent": "lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell",
    "attention": "multi_head_attention_forward",
    "product": "matmul mm bmm mv addmm baddbmm addmv einsum tensordot __matmul__ __rmatmul__ "
    "inner dot",
    "dropout": "dropout dropout_ alpha_dropout feature_alpha_dropout feature_dropout dropout1d "
    "dropout2d dropout3d",
    "add": "add add_ __radd__ __iadd__ sub sub_ subtract __rsub__ rsub __isub__",
    "multiply": "mul mul_ multiply __rmul__ __imul__",
    "quotient": "div div_ divide true_divide __rdiv__ __rtruediv__ __truediv__ __itruediv__",
    "scale": "neg neg_ negative",
    "power": "pow pow_ __pow__ __rpow__ square expm1 log1p erf logsumexp logaddexp",
    "absolute": "abs abs_ absolute",
    "sine": "sin cos",
    "square-root": "sqrt rsqrt norm linalg_vector_norm vector_norm",
    "division": "reciprocal",
    "sum": "sum cumsum",
    "comparison": "maximum minimum where masked_fill threshold _threshold gt lt ge le eq ne",
}
KINDS = {name: kind for kind, names in _BY_KIND.items() for name in names.split()}
_QUESTIONS = (
    "dim size shape stride numel is_contiguous is_floating_point ndim dtype device layout "
    "is_cuda requires_grad grad grad_fn data_ptr __len__ is_sparse is_nested is_leaf nelement "
    "is_complex get_device element_size __format__ __repr__ is_quantized names item tolist "
    "_version __bool__ any all isnan isfinite isinf equal allclose is_meta is_mps argmax"
)
QUESTIONS = frozenset(_QUESTIONS.split())
"""What is asked of a tensor; the answer is no step of the computation."""
_MAKERS = (
    "zeros_like ones_like full_like empty_like rand_like randn_like new_zeros new_ones new_full "
    "new_empty new_tensor bernoulli arange"
)
MAKERS = frozenset(_MAKERS.split())
"""What makes a tensor of the shape of another one; the result holds nothing of it."""
