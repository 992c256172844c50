"""What libraries and instrumentations say when something fails, and the class each belongs to."""

from __future__ import annotations

from typing import NamedTuple

from pitwall.core.vocabulary import ErrorClass as E


class Said(NamedTuple):
    """A failure as a span tells it: `error.type`, status message, HTTP status (0: none), and its class."""

    error_type: str
    text: str
    status: int
    error_class: E


OPENAI_TOO_LONG = (
    "Error code: 400 - {'error': {'message': \"This model's maximum context length is 8192 tokens. However, "
    "your messages resulted in 9001 tokens.\", 'type': 'invalid_request_error', 'param': 'messages', "
    "'code': 'context_length_exceeded'}}"
)
OPENAI_QUOTA = (
    "Error code: 429 - {'error': {'message': 'You exceeded your current quota, please check your plan.', "
    "'type': 'insufficient_quota', 'param': None, 'code': 'insufficient_quota'}}"
)
OPENAI_FILTERED = (
    "Error code: 400 - {'error': {'message': \"The response was filtered due to the prompt triggering Azure "
    "OpenAI's content management policy.\", 'type': None, 'param': 'prompt', 'code': 'content_filter'}}"
)
ANTHROPIC_OVERLOADED = (
    "Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}"
)
GRPC_DOWN = (
    "<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n\tdetails = "
    '"failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Connection refused"\n>'
)
REQUESTS_SLOW = (
    "HTTPConnectionPool(host='127.0.0.1', port=11434): Max retries exceeded with url: /api/chat (Caused by "
    'ReadTimeoutError("HTTPConnectionPool: Read timed out. (read timeout=5)"))'
)
PYDANTIC_FIELD = (
    "1 validation error for Settings\ntimeout\n  Input should be a valid integer "
    "[type=int_parsing, input_value='soon', input_type=str]"
)
PYDANTIC_JSON = (
    "1 validation error for Answer\n  Invalid JSON: EOF while parsing an object at line 1 column 1 "
    "[type=json_invalid, input_value='{', input_type=str]"
)
TRACEBACK = (
    'Traceback (most recent call last):\n  File "shop/chat.py", line 12, in answer\n    raise error\n'
    "openai.RateLimitError: too fast"
)
AWS_THROTTLED = "An error occurred (ThrottlingException) when calling InvokeModel: Too many tokens, wait"

FAILURES = (
    # openai, anthropic, google, ollama
    Said("openai.BadRequestError", OPENAI_TOO_LONG, 400, E.TOKEN_LIMIT),
    Said("BadRequestError", OPENAI_TOO_LONG, 0, E.TOKEN_LIMIT),
    Said("openai.RateLimitError", OPENAI_QUOTA, 429, E.RATE_LIMIT),
    Said("", OPENAI_QUOTA, 0, E.RATE_LIMIT),
    Said("openai.BadRequestError", OPENAI_FILTERED, 400, E.GUARDRAIL),
    Said("openai.ContentFilterFinishReasonError", "Could not parse response content", 0, E.GUARDRAIL),
    Said("openai.LengthFinishReasonError", "Could not parse response content", 0, E.TOKEN_LIMIT),
    Said("openai.APITimeoutError", "Request timed out.", 0, E.TIMEOUT),
    Said("openai.APIConnectionError", "Connection error.", 0, E.NETWORK),
    Said(
        "openai.AuthenticationError",
        "Error code: 401 - {'error': {'message': 'no'}}",
        0,
        E.AUTH,
    ),
    Said("openai.PermissionDeniedError", "Error code: 403", 0, E.AUTH),
    Said("openai.NotFoundError", "Error code: 404 - {'error': {'code': 'model_not_found'}}", 0, E.VALIDATION),
    Said("openai.InternalServerError", "Error code: 500 - {'error': {'message': 'oops'}}", 0, E.PROVIDER),
    Said("openai.InternalServerError", "Error code: 504", 0, E.TIMEOUT),
    Said("openai.APIResponseValidationError", "Data returned by API invalid for schema.", 0, E.PARSE),
    Said("anthropic.APIStatusError", ANTHROPIC_OVERLOADED, 529, E.PROVIDER),
    Said("", ANTHROPIC_OVERLOADED, 0, E.PROVIDER),
    Said("anthropic.BadRequestError", "prompt is too long: 210000 tokens > 200000", 400, E.TOKEN_LIMIT),
    Said("google.genai.errors.ClientError", "429 RESOURCE_EXHAUSTED. {'error': {}}", 0, E.RATE_LIMIT),
    Said("google.genai.errors.ServerError", "503 UNAVAILABLE. {'error': {}}", 0, E.PROVIDER),
    Said("google.genai.errors.ClientError", "400 INVALID_ARGUMENT. API key not valid.", 0, E.AUTH),
    Said(
        "google.genai.errors.ClientError",
        "400 INVALID_ARGUMENT. The input token count (1200000) exceeds the maximum number of tokens allowed",
        400,
        E.TOKEN_LIMIT,
    ),
    Said("google.api_core.exceptions.DeadlineExceeded", "504 Deadline Exceeded", 0, E.TIMEOUT),
    Said("ollama.ResponseError", "model 'qwen' not found (status code: 404)", 0, E.VALIDATION),
    Said("ollama._types.ResponseError", "the input length exceeds the context length", 400, E.TOKEN_LIMIT),
    Said("ollama._types.ResponseError", "it requires more memory (status code: 500)", 0, E.PROVIDER),
    Said("ConnectionError", "Failed to connect to Ollama. Please check that it is running", 0, E.NETWORK),
    # httpx, requests, aiohttp, grpc, chromadb, botocore, databases
    Said("httpx.ReadTimeout", "", 0, E.TIMEOUT),
    Said("httpx.ConnectError", "[Errno 111] Connection refused", 0, E.NETWORK),
    Said("httpx.RemoteProtocolError", "Server disconnected without sending a response.", 0, E.NETWORK),
    Said("httpx.HTTPStatusError", "Server error '503 Service Unavailable' for url 'http://h'", 0, E.PROVIDER),
    Said("httpx.HTTPStatusError", "Client error '429 Too Many Requests' for url 'http://h'", 0, E.RATE_LIMIT),
    Said("httpx.DecodingError", "Error -3 while decompressing data", 0, E.PARSE),
    Said("requests.exceptions.ConnectionError", REQUESTS_SLOW, 0, E.TIMEOUT),
    Said("requests.exceptions.HTTPError", "404 Client Error: Not Found for url: http://h/", 0, E.VALIDATION),
    Said("requests.exceptions.JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", 0, E.PARSE),
    Said("aiohttp.ServerDisconnectedError", "Server disconnected", 0, E.NETWORK),
    Said("grpc._channel._InactiveRpcError", GRPC_DOWN, 0, E.NETWORK),
    Said("grpc.RpcError", "status = StatusCode.DEADLINE_EXCEEDED", 0, E.TIMEOUT),
    Said("grpc.RpcError", "status = StatusCode.RESOURCE_EXHAUSTED", 0, E.RATE_LIMIT),
    Said("chromadb.errors.NotFoundError", "Collection [faq] does not exist", 0, E.VALIDATION),
    Said("chromadb.errors.InvalidDimensionException", "expected dimension of 768, got 3", 0, E.VALIDATION),
    Said("botocore.errorfactory.ThrottlingException", AWS_THROTTLED, 0, E.RATE_LIMIT),
    Said("psycopg.OperationalError", "connection failed: Connection refused", 0, E.NETWORK),
    Said("psycopg.errors.QueryCanceled", "canceling statement due to statement timeout", 0, E.TIMEOUT),
    Said("redis.exceptions.ConnectionError", "Error 111 connecting to localhost:6379.", 0, E.NETWORK),
    # parsing and checking
    Said("json.decoder.JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", 0, E.PARSE),
    Said("pydantic_core._pydantic_core.ValidationError", PYDANTIC_FIELD, 0, E.VALIDATION),
    Said("pydantic_core._pydantic_core.ValidationError", PYDANTIC_JSON, 0, E.PARSE),
    Said("jsonschema.exceptions.ValidationError", "1 is not of type 'string'", 0, E.VALIDATION),
    Said("langchain_core.exceptions.OutputParserException", "Failed to parse", 0, E.PARSE),
    Said("yaml.scanner.ScannerError", "while scanning", 0, E.PARSE),
    Said("SyntaxError", "Unexpected token < in JSON at position 0", 0, E.PARSE),
    Said("guardrails.errors.ValidationError", "Validation failed for field", 0, E.VALIDATION),
    Said("InputGuardrailTripwireTriggered", "Guardrail InputGuardrail triggered tripwire", 0, E.GUARDRAIL),
    # Python, asyncio, JavaScript
    Said("TimeoutError", "", 0, E.TIMEOUT),
    Said("asyncio.exceptions.CancelledError", "", 0, E.CANCELLED),
    Said("GeneratorExit", "", 0, E.CANCELLED),
    Said("AbortError", "This operation was aborted", 0, E.CANCELLED),
    Said("TypeError", "fetch failed", 0, E.NETWORK),
    Said("Error", "connect ECONNREFUSED 127.0.0.1:11434", 0, E.NETWORK),
    Said("KeyError", "'timeout'", 0, E.INTERNAL),
    Said("PermissionError", "[Errno 13] Permission denied: '/var/index'", 0, E.INTERNAL),
    Said("FileNotFoundError", "[Errno 2] No such file or directory", 0, E.INTERNAL),
    Said("ValueError", "the answer is odd", 0, E.INTERNAL),
    Said("shop.connection.ShopError", "out of stock", 0, E.INTERNAL),
    Said(
        "tenacity.RetryError",
        "RetryError[<Future at 0x7f raised RateLimitError>]",
        0,
        E.RATE_LIMIT,
    ),
    Said("", TRACEBACK, 0, E.RATE_LIMIT),
    # only a status, a word or a Korean sentence
    Said("504", "", 0, E.TIMEOUT),
    Said("429", "", 0, E.RATE_LIMIT),
    Said("503", "", 503, E.PROVIDER),
    Said("_OTHER", "", 0, E.INTERNAL),
    Said("rate_limit_exceeded", "", 0, E.RATE_LIMIT),
    Said("", "HTTP/1.1 502 Bad Gateway", 0, E.PROVIDER),
    Said("", "the answer took too long", 0, E.TIMEOUT),
    Said("", "503 documents were indexed, one was odd", 0, E.INTERNAL),
    Said("", "connect(timeout=5) is set, and the model answered 'no'", 0, E.NETWORK),
    Said("", "stream ended after 200", 200, E.INTERNAL),
    Said(
        "",
        "max_tokens is too large: 5000. The model supports at most 4096 tokens",
        400,
        E.TOKEN_LIMIT,
    ),
    Said("", "max_tokens must be positive", 400, E.VALIDATION),
    Said("", "모델 응답 시간 초과", 0, E.TIMEOUT),
    Said("", "요청 한도를 초과했습니다", 0, E.RATE_LIMIT),
    Said("", "토큰 수가 초과되었습니다", 0, E.TOKEN_LIMIT),
    Said("", "JSON 파싱에 실패했습니다", 0, E.PARSE),
    Said("", "서버에 연결할 수 없습니다", 0, E.NETWORK),
    Said("", "API 인증에 실패했습니다", 0, E.AUTH),
    Said("", "가드레일이 답변을 막았습니다", 0, E.GUARDRAIL),
    Said("", "", 0, E.INTERNAL),
)
