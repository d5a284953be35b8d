//! Names that JavaScript finds without a declaration: of the language, of browsers, of Node and other
//! runtimes, of workers, of test runners and build tools.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a name may be there without a declaration in the file.
pub(super) fn is_known(name: &str) -> bool {
    static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        [LANGUAGE, BROWSER, INTERFACES, RUNTIMES, TESTS].iter().flat_map(|names| names.split_whitespace()).collect()
    });
    NAMES.contains(name)
        || FAMILIES.iter().any(|family| {
            name.strip_prefix(family).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })
        // Constants that build tools put in, such as `__DEV__`.
        || (name.len() > 4 && name.starts_with("__") && name.ends_with("__"))
        || name.starts_with("on") && BROWSER_EVENTS.split_whitespace().any(|event| &name[2..] == event)
}

const LANGUAGE: &str = "
AggregateError Array ArrayBuffer AsyncDisposableStack AsyncIterator Atomics BigInt BigInt64Array BigUint64Array Boolean
DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function
Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError
ReferenceError Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError Temporal TypeError URIError
Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly arguments decodeURI
decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined
unescape";

const BROWSER: &str = "
addEventListener alert atob blur btoa caches cancelAnimationFrame cancelIdleCallback captureEvents clearInterval
clearTimeout clientInformation close closed confirm console cookieStore createImageBitmap credentialless crossOriginIsolated
crypto customElements devicePixelRatio dispatchEvent document documentPictureInPicture event external fence fetch find
focus frameElement frames getComputedStyle getScreenDetails getSelection history indexedDB innerHeight innerWidth
isSecureContext launchQueue length localStorage location locationbar matchMedia menubar model moveBy moveTo name
navigation navigator offscreenBuffering open opener origin originAgentCluster outerHeight outerWidth pageXOffset
pageYOffset parent performance personalbar postMessage print process prompt queryLocalFonts queueMicrotask releaseEvents
removeEventListener reportError requestAnimationFrame requestIdleCallback resizeBy resizeTo scheduler screen screenLeft
screenTop screenX screenY scroll scrollBy scrollTo scrollX scrollY scrollbars self sessionStorage setInterval setTimeout
sharedStorage showDirectoryPicker showOpenFilePicker showSaveFilePicker speechSynthesis status statusbar stop
structuredClone styleMedia toolbar top trustedTypes viewport visualViewport webkitRequestAnimationFrame window
importScripts registerProcessor registerPaint skipWaiting clients registration currentFrame currentTime sampleRate
ActiveXObject ScriptEngine VBArray WScript chrome browser opera";

const BROWSER_EVENTS: &str = "
abort afterprint animationcancel animationend animationiteration animationstart auxclick beforeinput beforeprint
beforeunload blur cancel canplay canplaythrough change click close connect contextmenu copy cut dblclick drag dragend
dragenter dragleave dragover dragstart drop durationchange emptied ended error fetch focus formdata hashchange input
install invalid keydown keypress keyup languagechange load loadeddata loadedmetadata loadstart message messageerror
mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel notificationclick offline online pagehide
pageshow paste pause play playing pointerdown pointermove pointerup popstate progress push ratechange
rejectionhandled reset resize scroll search securitypolicyviolation seeked seeking select selectionchange selectstart
storage submit suspend timeupdate toggle touchcancel touchend touchmove touchstart transitionend unhandledrejection unload
volumechange waiting wheel activate";

const INTERFACES: &str = "
AbortController AbortSignal AbsoluteOrientationSensor AbstractRange Accelerometer AnalyserNode Animation AnimationEffect
AnimationEvent AnimationPlaybackEvent AnimationTimeline Attr Audio AuthenticatorAssertionResponse BarProp
BaseAudioContext BatteryManager BeforeUnloadEvent BiquadFilterNode Blob BlobEvent BroadcastChannel BrowserCaptureMediaStreamTrack
ByteLengthQueuingStrategy CDATASection Cache CacheStorage ChannelMergerNode ChannelSplitterNode CharacterData Clipboard
ClipboardEvent ClipboardItem CloseEvent CloseWatcher Comment CompositionEvent CompressionStream ConstantSourceNode
ContentVisibilityAutoStateChangeEvent ConvolverNode CookieStore CountQueuingStrategy Credential CredentialsContainer Crypto
CryptoKey CustomElementRegistry CustomEvent CustomStateSet DecompressionStream DelayNode DeviceMotionEvent
DeviceOrientationEvent Document DocumentFragment DocumentTimeline DocumentType DragEvent DynamicsCompressorNode
EditContext Element ElementInternals EncodedAudioChunk EncodedVideoChunk ErrorEvent Event EventCounts EventSource
EventTarget ExtendableEvent ExtendableMessageEvent External FederatedCredential FetchEvent File FileList FileReader
FileReaderSync FocusEvent FontData FontFace FontFaceSet FontFaceSetLoadEvent FormData FormDataEvent FragmentDirective
GainNode Gamepad GamepadButton GamepadEvent Geolocation GeolocationCoordinates GeolocationPosition
GeolocationPositionError Gyroscope HashChangeEvent Headers Highlight HighlightRegistry History IIRFilterNode IdleDeadline
Image ImageBitmap ImageBitmapRenderingContext ImageCapture ImageData ImageDecoder InputEvent IntersectionObserver
IntersectionObserverEntry KeyboardEvent KeyframeEffect LargestContentfulPaint LayoutShift Location Lock LockManager
MathMLElement MessageChannel MessageEvent MessagePort MimeType MimeTypeArray MouseEvent MutationObserver MutationRecord
NamedNodeMap Navigator NavigateEvent Navigation NetworkInformation Node NodeFilter NodeIterator NodeList Notification
NotificationEvent OfflineAudioCompletionEvent OfflineAudioContext OffscreenCanvas OffscreenCanvasRenderingContext2D Option
OrientationSensor OscillatorNode OverconstrainedError PageRevealEvent PageTransitionEvent PannerNode PasswordCredential
Path2D PeriodicWave Permissions PermissionStatus PictureInPictureEvent PictureInPictureWindow Plugin PluginArray
PointerEvent PopStateEvent ProcessingInstruction Profiler ProgressEvent PromiseRejectionEvent PublicKeyCredential
PushEvent PushManager PushSubscription RadioNodeList Range ReadableByteStreamController ReadableStream
ReadableStreamBYOBReader ReadableStreamDefaultController ReadableStreamDefaultReader RelativeOrientationSensor RemotePlayback
ReportingObserver Request ResizeObserver ResizeObserverEntry ResizeObserverSize Response Sanitizer Scheduler Screen
ScreenOrientation ScriptProcessorNode ScrollTimeline SecurityPolicyViolationEvent Selection Sensor ServiceWorker
ServiceWorkerContainer ServiceWorkerGlobalScope ServiceWorkerRegistration ShadowRoot SharedWorker SourceBuffer SourceBufferList StaticRange
StereoPannerNode Storage StorageEvent StorageManager StylePropertyMap StyleSheet StyleSheetList SubmitEvent SubtleCrypto
TaskController TaskSignal Text TextDecoder TextDecoderStream TextEncoder TextEncoderStream TextEvent TextMetrics
TextTrack TextTrackCue TextTrackCueList TextTrackList TimeEvent TimeRanges ToggleEvent Touch TouchEvent TouchList
TrackEvent TransformStream TransformStreamDefaultController TransitionEvent TreeWalker TrustedHTML TrustedScript
TrustedScriptURL UIEvent URL URLPattern URLSearchParams UserActivation VTTCue VTTRegion ValidityState VideoColorSpace
VideoDecoder VideoEncoder VideoFrame ViewTimeline ViewTransition VirtualKeyboard VisualViewport WakeLock WakeLockSentinel
WaveShaperNode WebSocket WebSocketStream WebTransport WheelEvent Window Worker WorkerGlobalScope Worklet WritableStream
WritableStreamDefaultController WritableStreamDefaultWriter XMLDocument XMLHttpRequest XMLHttpRequestEventTarget
XMLHttpRequestUpload XMLSerializer XPathEvaluator XPathExpression XPathResult XSLTProcessor DOMException HTMLElement HTMLAllCollection
HTMLCollection WebKitCSSMatrix WebKitMutationObserver webkitURL AudioWorkletProcessor DedicatedWorkerGlobalScope";

/// Interfaces come in families: `HTMLInputElement`, `CSSStyleSheet`, `RTCPeerConnection`.
const FAMILIES: [&str; 25] = [
    "HTML",
    "SVG",
    "CSS",
    "DOM",
    "RTC",
    "WebGL",
    "WebGL2",
    "GPU",
    "IDB",
    "MIDI",
    "Media",
    "Performance",
    "XR",
    "USB",
    "HID",
    "Bluetooth",
    "NDEF",
    "Payment",
    "Presentation",
    "Speech",
    "FileSystem",
    "Audio",
    "Background",
    "WebAssembly",
    "Video",
];

const RUNTIMES: &str = "
Buffer __dirname __filename clearImmediate exports global module process require setImmediate gc Deno Bun
EdgeRuntime HTMLRewriter WebSocketPair Netlify define requirejs System jQuery $ goog google YUI angular GM GM_addStyle
GM_getValue GM_setValue GM_xmlhttpRequest unsafeWindow PropertiesService SpreadsheetApp DriveApp UrlFetchApp Logger
__webpack_require__ __webpack_public_path__ __webpack_modules__ __non_webpack_require__ __resourceQuery __turbopack_context__
uni wx my swan tt getApp getCurrentPages App Page Component Behavior";

const TESTS: &str = "
after afterAll afterEach assert assertType before beforeAll beforeEach bench browser by chai context cy Cypress describe
element expect expectTypeOf fail fdescribe fit it jasmine jest mocha onTestFailed onTestFinished pending protractor QUnit
run setup sinon specify spyOn spyOnProperty spyOnAllFunctions suite suiteSetup suiteTeardown teardown test vi vitest xcontext xdescribe
xit xspecify xtest inject page withinDoc";

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn what_is_there_without_a_declaration_is_known() {
        for name in
            ["Array", "HTMLInputElement", "fetch", "onmessage", "describe", "__DEV__", "RTCPeerConnection", "Buffer"]
        {
            assert!(is_known(name), "{name}");
        }
        for name in ["total", "HTML", "HTMLparser", "onward", "Arrays", "__x", "ontotal"] {
            assert!(!is_known(name), "{name}");
        }
    }
}
