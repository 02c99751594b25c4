/**
 * Points by WebGL2: one buffer, one draw call.
 * @module
 */

/** @typedef {import("./camera.js").Camera} Camera */

const STRIDE = 12;

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
out vec4 ink;
void main() {
    gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
    gl_PointSize = size;
    ink = colour;
}`;

// A disc whose edge fades over one pixel.
const FRAGMENT = `#version 300 es
precision highp float;
in vec4 ink;
uniform float size;
uniform float radius;
out vec4 pixel;
void main() {
    float apart = length(gl_PointCoord - 0.5) * size;
    float alpha = ink.a * clamp(radius + 0.5 - apart, 0.0, 1.0);
    pixel = vec4(ink.rgb * alpha, alpha);
}`;

/** Draws on a canvas until the context is lost. */
export class WebGlPoints {
    /**
     * @param {HTMLCanvasElement} canvas
     * @returns {WebGlPoints | null} Null where there is no WebGL2.
     */
    static on(canvas) {
        const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, stencil: false, powerPreference: "high-performance" });
        return gl === null ? null : new WebGlPoints(canvas, gl);
    }

    /** @param {HTMLCanvasElement} canvas @param {WebGL2RenderingContext} gl */
    constructor(canvas, gl) {
        this.name = "WebGL2";
        this.canvas = canvas;
        this.gl = gl;
        this.count = 0;
        this.bytes = new ArrayBuffer(0);
        this.prepare();
    }

    /** Makes what lives on the graphics card: at first, and again after the context was lost. */
    prepare() {
        const { gl } = this;
        const program = gl.createProgram();
        for (const [type, source] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
            const shader = /** @type {WebGLShader} */ (gl.createShader(type));
            gl.shaderSource(shader, source);
            gl.compileShader(shader);
            gl.attachShader(program, shader);
        }
        gl.linkProgram(program);
        if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
            throw new Error(`WebGL2 did not link: ${gl.getProgramInfoLog(program)}`);
        gl.useProgram(program);
        this.uniforms = Object.fromEntries(["middle", "scale", "size", "radius"].map(name => [name, gl.getUniformLocation(program, name)]));
        gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
        const place = gl.getAttribLocation(program, "place"), colour = gl.getAttribLocation(program, "colour");
        gl.enableVertexAttribArray(place);
        gl.enableVertexAttribArray(colour);
        gl.vertexAttribPointer(place, 2, gl.FLOAT, false, STRIDE, 0);
        gl.vertexAttribPointer(colour, 4, gl.UNSIGNED_BYTE, true, STRIDE, 8);
        gl.enable(gl.BLEND);
        gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
        gl.bufferData(gl.ARRAY_BUFFER, this.bytes, gl.STATIC_DRAW);
    }

    /** @param {import("./points.js").Points} points @param {Uint8Array} rgba */
    set(points, rgba) {
        this.count = points.count;
        this.bytes = new ArrayBuffer(points.count * STRIDE);
        const floats = new Float32Array(this.bytes), colours = new Uint8Array(this.bytes);
        for (let i = 0; i < points.count; i++) {
            floats[3 * i] = points.x[i];
            floats[3 * i + 1] = points.y[i];
            colours.set(rgba.subarray(4 * i, 4 * i + 4), STRIDE * i + 8);
        }
        this.gl.bufferData(this.gl.ARRAY_BUFFER, this.bytes, this.gl.STATIC_DRAW);
    }

    /**
     * @param {Camera} camera
     * @param {number} radius CSS pixels.
     * @param {import("./colours.js").Rgb} ground
     * @param {number} ratio Pixels of the screen in a CSS pixel.
     */
    draw(camera, radius, ground, ratio) {
        const { gl, canvas, uniforms } = this;
        if (uniforms === undefined || gl.isContextLost())
            return;
        gl.viewport(0, 0, canvas.width, canvas.height);
        gl.clearColor(ground[0] / 255, ground[1] / 255, ground[2] / 255, 1);
        gl.clear(gl.COLOR_BUFFER_BIT);
        gl.uniform2f(uniforms.middle, camera.x, camera.y);
        gl.uniform2f(uniforms.scale, 2 * camera.scale * ratio / canvas.width, 2 * camera.scale * ratio / canvas.height);
        gl.uniform1f(uniforms.size, Math.ceil(2 * radius * ratio) + 2);
        gl.uniform1f(uniforms.radius, radius * ratio);
        gl.drawArrays(gl.POINTS, 0, this.count);
    }
}
