// daprd with its stable components, and two that it calls alpha and that Ebb uses: the bindings for SMTP and Amazon SES.
// All components together take several times as long to build.
package main

import (
	"github.com/dapr/components-contrib/bindings/aws/ses"
	"github.com/dapr/components-contrib/bindings/smtp"
	"github.com/dapr/dapr/cmd/daprd/app"
	"github.com/dapr/dapr/pkg/components/bindings"
)

func main() {
	bindings.DefaultRegistry.RegisterOutputBinding(smtp.NewSMTP, "smtp")
	bindings.DefaultRegistry.RegisterOutputBinding(ses.NewAWSSES, "aws.ses")
	app.Run()
}
